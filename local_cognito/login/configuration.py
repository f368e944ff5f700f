"""What the stand-in is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from local_cognito.guard import LOOPBACK_NAMES


class NotOnThisMachine(ValueError):
    """The AWS endpoint is another machine's. The message says what is allowed."""


@dataclass(frozen=True)
class Configuration:
    """Checked when it is made. Raises NotOnThisMachine.

    Attributes:
        port: where to listen, on loopback.
        aws_endpoint_url: MiniStack's. Passwords are sent there in plain text.
        user_pool_id: the one pool whose users sign in.
        rotation_grace_seconds: app client id -> for how long a refresh token that was exchanged
            may be exchanged again. Clients that are not in it keep their refresh tokens.
    """

    port: int
    aws_endpoint_url: str
    user_pool_id: str
    rotation_grace_seconds: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        endpoint = urlsplit(self.aws_endpoint_url)
        if endpoint.scheme != "http" or endpoint.hostname not in LOOPBACK_NAMES:
            raise NotOnThisMachine(
                f"{self.aws_endpoint_url} is not a local AWS: this stand-in takes passwords, and "
                f"hands them to nothing but http://127.0.0.1."
            )

    @property
    def hosts(self) -> tuple[str, ...]:
        """What browsers may call it (Host). Other names lead here by DNS rebinding only."""
        return tuple(f"{host}:{self.port}" for host in LOOPBACK_NAMES)

    @property
    def base_url(self) -> str:
        """COGNITO_DOMAIN."""
        return f"http://localhost:{self.port}"
