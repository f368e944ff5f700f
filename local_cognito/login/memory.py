"""What the local hosted UI remembers, in memory, until it stops."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """The user name and password of a signed-in user, or of one who has just signed up.

    Cognito does not keep a password. The stand-in must, because MiniStack issues tokens with the
    nonce of another app only in exchange for the password.
    """

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Challenge:
    """A challenge that the user must answer after a correct password.

    Attributes:
        kind: NEW_PASSWORD_REQUIRED, SOFTWARE_TOKEN_MFA or MFA_SETUP, as in the user pool's API.
        pool_session: the session that the pool expects with the answer.
        access_token, secret: of MFA_SETUP, to register the authenticator app and to show.
    """

    kind: str
    credentials: Credentials
    pool_session: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    attempts: int = 0
