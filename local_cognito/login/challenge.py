"""What stands between a right password and a sign-in."""

from __future__ import annotations

from dataclasses import dataclass, field

# One number for all: after so many wrong answers the password is asked for again.
MAXIMUM_ATTEMPTS = 5


@dataclass(frozen=True)
class Challenge:
    """Waits for its answer under a key that only the browser's page has.

    Attributes:
        kind: NEW_PASSWORD_REQUIRED, SOFTWARE_TOKEN_MFA or MFA_SETUP, as in the user pool's API.
        pool_session: what the pool wants back with the answer.
        access_token, secret: of MFA_SETUP, to enrol with and to show.
    """

    kind: str
    username: str
    password: str = field(repr=False)
    pool_session: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    attempts: int = 0
