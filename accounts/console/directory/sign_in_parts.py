"""The parts of a user's page that need further calls of the pool. Each can fail on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from accounts.console.directory import words
from accounts.console.directory.operator import Person
from accounts.console.directory.reading import Access
from accounts.language.words import message_of
from cognito.directory.access import REMOVABLE, PoolSession
from cognito.errors import (
    CognitoError,
    DevicesNotRemembered,
    OperationNotSupported,
    SessionsNotTracked,
)
from cognito.user_pool.auth_factors import AuthFactors
from cognito.user_pool.challenges import FIRST_FACTORS, WEB_AUTHN

T = TypeVar("T")

_NONE = AuthFactors(frozenset(), frozenset(), has_app=False)


@dataclass(frozen=True, slots=True)
class Part:
    """What a call returned.

    Attributes:
        rows: for the template. Empty after a failure.
        problem: why the pool did not return them, for the operator.
        is_missing: whether the pool lacks the feature.
    """

    rows: Sequence[Any] = ()
    problem: str = ""
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A sign-in factor. `removable` is the argument of the action that removes it, if any."""

    label: str
    use: str
    removable: str = ""
    is_passkey: bool = False


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session at Cognito, and the name of its app."""

    session: PoolSession
    app: str


def parts_of(access: Access, person: Person) -> dict[str, Any]:
    """Return the context for factors, sessions at Cognito and remembered devices."""
    return {
        "factors": _factors(access.factors, person),
        "pool_sessions": _part(access.sessions, _session_row),
        "pool_devices": _part(access.devices, lambda device: device),
    }


def _factors(answer: AuthFactors | CognitoError, person: Person) -> Part:
    """Return the sign-in factors. AdminGetUser names the second ones where the call failed."""
    known = answer if isinstance(answer, AuthFactors) else _NONE
    second = [*person.user.mfa, *sorted(known.second.difference(person.user.mfa))]
    rows = [
        FactorRow(words.first_factor(name), _("Begins a sign-in"), is_passkey=name == WEB_AUTHN)
        for name in FIRST_FACTORS
        if name in known.first
    ]
    rows += [
        FactorRow(
            words.factor(name),
            _("Second factor, asked for first") if name == known.preferred else _("Second factor"),
            removable=name if name in REMOVABLE else "",
        )
        for name in second
    ]
    problem = message_of(answer) if isinstance(answer, CognitoError) else ""
    return Part(rows, "" if isinstance(answer, OperationNotSupported) else problem)


def _part(answer: Sequence[T] | CognitoError, row: Callable[[T], object]) -> Part:
    if isinstance(answer, OperationNotSupported | SessionsNotTracked | DevicesNotRemembered):
        return Part(is_missing=True)
    if isinstance(answer, CognitoError):
        return Part(problem=message_of(answer))
    return Part([row(one) for one in answer])


def _session_row(session: PoolSession) -> SessionRow:
    return SessionRow(session, words.app(session))
