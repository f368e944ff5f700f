"""What the local hosted UI remembers, in memory, until it stops."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """The user name and password of a user who signs in, or who has just signed up."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class HostedSession:
    """A browser's session at the hosted UI, which the local AWS keeps.

    Attributes:
        session_id: `sso…`, its identifier in the local AWS.
        username: the user name in the pool.
        shown_name: the name that the user has typed, such as the e-mail address.
        auth_time: when the user signed in, in seconds since 1970.
        methods: how, as values of the claim `amr` (local_cognito.aws.tokens.levels), without `mfa`.
    """

    session_id: str = field(repr=False)
    username: str
    shown_name: str
    auth_time: int
    methods: tuple[str, ...]


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
