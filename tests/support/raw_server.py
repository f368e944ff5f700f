"""A server on loopback that sends exactly the given bytes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Speak = Callable[[socket.socket], None]


class RawServer:
    """A server of one connection at a time, which records the `requests`."""

    def __init__(self, speak: Speak, tls: ssl.SSLContext | None) -> None:
        self._speak = speak
        self._tls = tls
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/path"

    def run(self) -> None:
        """Serve until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    connection.settimeout(10)
                    self.requests.append(_request(connection))
                    self._speak(connection)
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                continue  # the client closed the connection


def _request(connection: socket.socket) -> bytes:
    """Read a whole request, because closing the connection before that would send a reset."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    chunk = connection.recv(65_536)
    if not chunk:
        raise ConnectionError("the client closed the connection")
    return chunk


@contextmanager
def raw_server(speak: Speak | bytes, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Run a server that sends the bytes of `speak`, or calls it with each connection."""
    say = (lambda connection: connection.sendall(speak)) if isinstance(speak, bytes) else speak
    server = RawServer(say, tls)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(15)
