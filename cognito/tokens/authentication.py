"""When and how strongly a user signed in, and what an operation demands of it (RFC 9470).

Sources: RFC 9470, OpenID Connect Core 1.0 section 2 (`auth_time`, `acr`), and
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-step-up-authentication.html
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, cast

from cognito.tokens.claim_checks import CLOCK_SKEW_SECONDS, MAX_NUMERIC_DATE
from cognito.tokens.claims import Claims

# The longest list of levels that a requirement names. Each is one more value in a cookie.
MAX_LEVELS: Final = 3
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AcrLevelConfigType.html
# No name contains a space, a quote or a backslash, so a header can quote a list of them.
LEVEL: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}")
# Cognito's own names. A higher number is a stronger sign-in.
_NUMBERED = re.compile(r"urn:cognito:loa:([1-4])")

NO_TIME: Final = "no_auth_time"
IN_THE_FUTURE: Final = "auth_time_in_the_future"
TOO_OLD: Final = "auth_time_too_old"
TOO_WEAK: Final = "acr_too_low"


class AuthenticationContext(NamedTuple):
    """How a user proved who they are.

    Attributes:
        auth_time: the time of the sign-in, Unix time in seconds. None if it is unknown. A refresh
            of the tokens does not change it.
        acr: the level of the sign-in; None if the pool does not report levels.
    """

    auth_time: int | None = None
    acr: str | None = None


UNKNOWN: Final = AuthenticationContext()


class Requirement(NamedTuple):
    """What an operation demands of the sign-in.

    Attributes:
        max_age: the maximum age of the sign-in, in seconds.
        acr_values: the levels that are accepted, in order of preference; empty to accept any
            sign-in.
    """

    max_age: int
    acr_values: tuple[str, ...] = ()

    def shortfall(self, context: AuthenticationContext, *, now: float) -> str:
        """Return why the sign-in does not meet the requirement, as a code; empty if it does.

        The code is NO_TIME, IN_THE_FUTURE, TOO_OLD or TOO_WEAK.
        """
        if context.auth_time is None:
            return NO_TIME
        age = now - context.auth_time
        if age < -CLOCK_SKEW_SECONDS:
            return IN_THE_FUTURE
        if age > self.max_age:
            return TOO_OLD
        if self.acr_values and not any(_reaches(context.acr, one) for one in self.acr_values):
            return TOO_WEAK
        return ""


def context_of(claims: Claims) -> AuthenticationContext:
    """Return the context that a verified token reports.

    An `auth_time` after the token was issued is unknown: it would otherwise become valid later.
    """
    payload = claims.raw
    auth_time, acr = payload.get("auth_time"), payload.get("acr")
    latest = min(claims.issued_at + CLOCK_SKEW_SECONDS, MAX_NUMERIC_DATE)
    # `isinstance` would accept true as an int.
    is_time = type(auth_time) in {int, float} and 0 < cast("float", auth_time) <= latest
    return AuthenticationContext(
        int(cast("float", auth_time)) if is_time else None,
        acr if isinstance(acr, str) and LEVEL.fullmatch(acr) else None,
    )


def levels(text: str) -> tuple[str, ...]:
    """Return the names of a list that is separated by spaces.

    Raises ValueError if one is malformed, or if there are more than MAX_LEVELS.
    """
    names = tuple(text.split())
    if len(names) > MAX_LEVELS or not all(LEVEL.fullmatch(name) for name in names):
        raise ValueError(
            f"expected at most {MAX_LEVELS} levels such as urn:cognito:loa:2, separated by spaces"
        )
    return names


def _reaches(acr: str | None, level: str) -> bool:
    if acr is None:
        return False
    has, needs = _NUMBERED.fullmatch(acr), _NUMBERED.fullmatch(level)
    return acr == level or (has is not None and needs is not None and has[1] >= needs[1])
