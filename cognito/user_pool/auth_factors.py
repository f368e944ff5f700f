"""What a user can sign in with.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserAuthFactors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognito.errors import MalformedAnswer
from cognito.user_pool.challenges import FIRST_FACTORS, PASSWORD, WEB_AUTHN
from cognito.user_pool.service import PoolService

_APP = frozenset({"SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN"})


@dataclass(frozen=True, slots=True)
class AuthFactors:
    """The factors of a user, by their names in Cognito.

    Attributes:
        first: those that can begin a sign-in.
        second: those that sign-ins ask for in addition.
        has_app: whether an authenticator app is active.
        preferred: the second factor that a sign-in asks for first. Empty if there is none.
    """

    first: frozenset[str]
    second: frozenset[str]
    has_app: bool
    preferred: str = ""

    @property
    def only_passkeys(self) -> bool:
        """Whether the user cannot sign in without a passkey."""
        return self.first == {WEB_AUTHN}


def auth_factors(service: PoolService, access_token: str) -> AuthFactors:
    """Return the factors of the token's user, with one call.

    The token needs the scope aws.cognito.signin.user.admin.
    """
    return factors_in(
        service.call(lambda client: client.get_user_auth_factors(AccessToken=access_token))
    )


def factors_in(answer: Mapping[str, Any]) -> AuthFactors:
    """Return the factors in an answer of GetUserAuthFactors or AdminGetUserAuthFactors."""
    configured = _names(answer, "ConfiguredUserAuthFactors")
    second = _names(answer, "UserMFASettingList")
    return AuthFactors(
        # Pools without sign-in by choice may list nothing. Their users have passwords.
        first=(configured.intersection(FIRST_FACTORS)) or frozenset({PASSWORD}),
        second=second,
        has_app=bool(_APP & (configured | second)),
        preferred=str(answer.get("PreferredMfaSetting") or ""),
    )


def _names(answer: Mapping[str, Any], member: str) -> frozenset[str]:
    listed = answer.get(member) or []
    if not isinstance(listed, list):
        raise MalformedAnswer
    return frozenset(one for one in listed if isinstance(one, str))
