"""Is a TCP port of this machine's loopback free?"""

from __future__ import annotations

import errno
import socket

from infra.errors import InfraError, PortBusy

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int, *, purpose: str, remedy: str) -> None:
    """Raise PortBusy unless a server could listen on `port`. `remedy` is a command to suggest."""
    try:
        with socket.socket() as probe:
            # As servers do: a connection that is still winding down does not make a port busy.
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


def require_ports_to_run(port: int, aws_port: int) -> None:
    """Raises PortBusy, or InfraError where both are the same."""
    if port == aws_port:
        raise InfraError(f"PORT and LOCAL_AWS_PORT are both {port}: they need to differ.")
    require_free(port, purpose="the application", remedy=f"make run PORT={port + 1}")
    require_free(
        aws_port, purpose="the local AWS", remedy=f"make run LOCAL_AWS_PORT={aws_port + 1}"
    )
