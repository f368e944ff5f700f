"""Run a TLS relay in front of PostgreSQL, because the embedded server is built without TLS.

The relay accepts libpq's request for encryption as a server does, and forwards the decrypted data.
https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

GSS_ENCRYPTION_REQUEST = 80877104
SSL_REQUEST = 80877103
DEADLINE_SECONDS = 30


@contextmanager
def tls_relay(context: ssl.SSLContext, server: Path) -> Iterator[int]:
    """Accept TLS on loopback, relay to the Unix socket `server`, and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, context, server), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            # close() without shutdown() would leave the thread in accept().
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, context: ssl.SSLContext, server: Path) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, context, server), daemon=True).start()


def _serve(client: socket.socket, context: ssl.SSLContext, server: Path) -> None:
    client.settimeout(DEADLINE_SECONDS)
    # A client that refuses the certificate closes the connection.
    with suppress(OSError), client:
        while (request := int.from_bytes(client.recv(8)[4:])) == GSS_ENCRYPTION_REQUEST:
            client.sendall(b"N")
        if request != SSL_REQUEST:
            return
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as encrypted,
            socket.socket(socket.AF_UNIX) as plain,
        ):
            plain.settimeout(DEADLINE_SECONDS)
            plain.connect(str(server))
            threading.Thread(target=_copy, args=(plain, encrypted), daemon=True).start()
            _copy(encrypted, plain)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
