"""What a user pool says about itself, as far as it explains the sign-ins of its users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognito.directory.calls import DirectoryCalls
from cognito.errors import MalformedAnswer


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """Facts about a user pool. None means that the pool does not say it.

    Attributes:
        estimated_users: Cognito's own estimate, which can be hours old.
        temporary_password_days: how long a temporary password is valid.
        requires_second_factor: whether every sign-in with a password needs one.
    """

    estimated_users: int | None = None
    temporary_password_days: int | None = None
    requires_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class PoolDescription(DirectoryCalls):
    """The pool itself. Raises the errors of `Directory`."""

    def pool(self) -> PoolFacts:
        """DescribeUserPool."""
        answer = self._call(lambda client: client.describe_user_pool(**self._pool()))
        pool = answer.get("UserPool")
        if not isinstance(pool, Mapping):
            raise MalformedAnswer
        policy = _member(_member(pool, "Policies"), "PasswordPolicy")
        return PoolFacts(
            estimated_users=_count(pool.get("EstimatedNumberOfUsers")),
            temporary_password_days=_count(policy.get("TemporaryPasswordValidityDays")),
            requires_second_factor=pool.get("MfaConfiguration") == "ON",
        )


def _member(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    member = answer.get(name)
    return member if isinstance(member, Mapping) else {}


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
