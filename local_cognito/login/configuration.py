"""The configuration of the local hosted UI."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from local_cognito.guard import LOOPBACK, LOOPBACK_NAMES


class NotOnThisMachine(ValueError):
    """The AWS endpoint is on another machine."""


@dataclass(frozen=True)
class DemoUser:
    """A user of the local pool, whose password is no secret.

    Attributes:
        may: what the user can do, such as `may open the admin`.
    """

    email: str
    name: str
    password: str
    may: str


@dataclass(frozen=True)
class Configuration:
    """Checked when it is created: raises NotOnThisMachine.

    Attributes:
        port: where to listen.
        aws_endpoint_url: the address of MiniStack. Passwords are sent there in plain text.
        user_pool_id: the pool whose users sign in.
        application_url: where the application is, for a link; empty without one.
        demo_users: users that the sign-in page offers.
        listen: the address to listen on. Another one than loopback is for a container, of which the
            machine publishes the port on its own loopback.
    """

    port: int
    aws_endpoint_url: str
    user_pool_id: str
    application_url: str = ""
    demo_users: tuple[DemoUser, ...] = ()
    listen: str = LOOPBACK

    def __post_init__(self) -> None:
        endpoint = urlsplit(self.aws_endpoint_url)
        if endpoint.scheme != "http" or endpoint.hostname not in LOOPBACK_NAMES:
            raise NotOnThisMachine(
                f"{self.aws_endpoint_url} is not a local AWS. Passwords are sent there, so use an "
                "address such as http://127.0.0.1:4566."
            )

    @property
    def hosts(self) -> tuple[str, ...]:
        """The accepted values of Host. Other names arrive only by DNS rebinding."""
        return tuple(f"{host}:{self.port}" for host in LOOPBACK_NAMES)

    @property
    def base_url(self) -> str:
        """The value of COGNITO_DOMAIN."""
        return f"http://localhost:{self.port}"
