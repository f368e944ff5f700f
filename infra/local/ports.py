"""Find and check TCP ports on loopback."""

from __future__ import annotations

import errno
import http.client
import socket
from dataclasses import dataclass
from itertools import combinations

from infra.errors import InfraError, PortBusy

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port that nothing listens on, until another program takes it."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_answering(port: int, path: str) -> bool:
    """Return whether a web server on `port` answers `path` with 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def require_free(port: int, *, purpose: str, remedy: str) -> None:
    """Raise PortBusy unless a server can listen on `port`. The message suggests `remedy`."""
    try:
        with socket.socket() as probe:
            # Servers set this option too, so a closing connection does not make the port busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = "another program is using it"
        else:
            reason = (error.strerror or "it cannot be opened").lower()
        raise PortBusy(
            f"Port {port}, meant for {purpose}, is not free: {reason}. "
            f"Choose another one, for example: {remedy}"
        ) from error


@dataclass(frozen=True)
class Ports:
    """The ports of the application, the local AWS and the local hosted UI."""

    app: int
    aws: int
    login: int

    def require(self) -> None:
        """Raise PortBusy if a port is not free, or InfraError if two are the same."""
        rows = (
            ("PORT", self.app, "the application"),
            ("LOCAL_AWS_PORT", self.aws, "the local AWS"),
            ("LOCAL_LOGIN_PORT", self.login, "the local hosted UI"),
        )
        for (first, port, _), (second, other, _) in combinations(rows, 2):
            if port == other:
                raise InfraError(f"{first} and {second} are both {port}. Choose different ports.")
        for variable, port, purpose in rows:
            require_free(port, purpose=purpose, remedy=f"make run {variable}={port + 1}")
