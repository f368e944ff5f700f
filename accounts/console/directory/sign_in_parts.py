"""The parts of a user's page that need further calls of the pool. Each can fail on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from accounts.console.directory import words
from accounts.console.directory.console import Console
from accounts.console.directory.errors import FAILURES
from accounts.console.directory.operator import Person
from cognito.directory.access import REMOVABLE, PoolSession
from cognito.errors import DevicesNotRemembered, OperationNotSupported, SessionsNotTracked
from cognito.user_pool.auth_factors import AuthFactors
from cognito.user_pool.challenges import FIRST_FACTORS, WEB_AUTHN

T = TypeVar("T")


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


def parts_of(console: Console, person: Person) -> dict[str, Any]:
    """Return the context for factors, sessions at Cognito and remembered devices. Three calls."""
    user = person.user
    return {
        "factors": factors_of(console, person),
        "pool_sessions": _part(lambda: console.sessions(user.username), _session_row),
        "pool_devices": _part(lambda: console.devices(user.username), lambda device: device),
    }


def factors_of(console: Console, person: Person) -> Part:
    """Return the sign-in factors. AdminGetUser names the second ones where the call fails."""
    part = _part(lambda: [console.factors(person.user.username)], lambda factors: factors)
    known: AuthFactors | None = part.rows[0] if part.rows else None
    first = known.first if known else frozenset()
    preferred = known.preferred if known else ""
    second = [*person.user.mfa]
    second += sorted(known.second.difference(second)) if known else []
    rows = [
        FactorRow(words.first_factor(name), _("Begins a sign-in"), is_passkey=name == WEB_AUTHN)
        for name in FIRST_FACTORS
        if name in first
    ]
    rows += [
        FactorRow(
            words.factor(name),
            _("Second factor, asked for first") if name == preferred else _("Second factor"),
            removable=name if name in REMOVABLE else "",
        )
        for name in second
    ]
    return Part(rows, part.problem)


def _part(call: Callable[[], Sequence[T]], row: Callable[[T], object]) -> Part:
    try:
        return Part([row(one) for one in call()])
    except (OperationNotSupported, SessionsNotTracked, DevicesNotRemembered):
        return Part(is_missing=True)
    except FAILURES as error:
        return Part(problem=str(error))


def _session_row(session: PoolSession) -> SessionRow:
    return SessionRow(session, words.app(session))
