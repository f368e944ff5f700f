"""A server for a key set on loopback, which misbehaves on request."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from types import TracebackType
from typing import Self

from cognito.testing.key_set_faults import DOCUMENTS, gzip_bomb
from cognito.testing.signing_key import SigningKey

_PATH = "/pool/.well-known/jwks.json"


class KeySetServer:
    """A server that publishes public keys. It runs inside a `with` statement::

        with KeySetServer(signing_key("pool")) as server:
            source = KeySource(server.url)
            server.behave("status:503")

    Args:
        keys: the keys to publish.
        tls: serve HTTPS with this context. Without one the server speaks HTTP.

    `behave` selects one of these behaviours. An argument follows a colon.

    - ``ok``, ``garbage``, ``empty_keys`` and the other documents of
      `cognito.testing.key_set_faults`;
    - ``status:N``: the key set with this status;
    - ``redirect:URL``, ``redirect307:URL``, ``redirect_loop``: a redirect;
    - ``hang``, ``delay:SECONDS``: no answer for a minute, or an answer after that time;
    - ``drip:SECONDS``, ``header_drip:SECONDS``: a pause after each byte of the body, or of the
      whole answer;
    - ``truncate``, ``reset``: half of the announced length, or a reset connection;
    - ``huge:BYTES``, ``header_bomb``: a body of that size, or 5 MB of headers;
    - ``gzip_bomb:BYTES``: a small body that decompresses to that size.
    """

    def __init__(self, *keys: SigningKey, tls: ssl.SSLContext | None = None) -> None:
        self._keys = keys
        self._behaviour = "ok"
        self._tls = tls
        self._lock = threading.Lock()
        self._hits = 0
        self._stopped = threading.Event()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """The address of the key set."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}{_PATH}"

    @property
    def hits(self) -> int:
        """The number of requests so far."""
        return self._hits

    def publish(self, *keys: SigningKey) -> None:
        """Publish these keys in place of the previous ones, as a rotation does."""
        self._keys = keys

    def behave(self, behaviour: str) -> None:
        """Change the behaviour from the next request on, and release the requests that hang."""
        self._behaviour = behaviour
        with self._lock:
            stopped, self._stopped = self._stopped, threading.Event()
        stopped.set()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # This wakes the thread in accept(). Closing the socket would not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._stopped.set()
        with self._lock:
            connections, threads = list(self._connections), list(self._threads)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)

    def _start(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        with self._lock:
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # the listener was closed
            with self._lock:
                self._connections.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._read_request(connection)
                self._answer(connection)
        except OSError:
            return  # the client disconnected, or the TLS handshake failed
        finally:
            with self._lock:
                self._connections = [one for one in self._connections if one.fileno() >= 0]

    def _read_request(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            chunk = connection.recv(65_536)
            if not chunk:
                raise ConnectionError("no request")
            received += chunk
        with self._lock:
            self._hits += 1

    def _answer(self, connection: socket.socket) -> None:
        name, _, argument = self._behaviour.partition(":")
        let_go = self._stopped
        if name == "delay":
            let_go.wait(float(argument))
            name = "ok"
        if name in {"drip", "header_drip"}:
            self._drip(connection, name, float(argument), let_go)
        elif name == "hang":
            let_go.wait(60)
        elif name == "reset":
            # Closing with a linger time of 0 sends RST.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif name == "huge":
            head = f"Content-Length: {argument}\r\n\r\n".encode()
            self._pour(connection, head, b" " * 65_536, int(argument) // 65_536)
        elif name == "header_bomb":
            self._pour(connection, b"", b"X: " + b"a" * 60_000 + b"\r\n", 90)
        else:
            connection.sendall(self._whole_answer(name, argument))

    def _whole_answer(self, name: str, argument: str) -> bytes:
        if name in DOCUMENTS:
            return _http(200, DOCUMENTS[name](self._keys))
        document = DOCUMENTS["ok"](self._keys)
        if name == "status":
            return _http(int(argument), document)
        if name == "truncate":
            return _http(200, document)[: -len(document) // 2]
        if name == "gzip_bomb":
            return _http(200, gzip_bomb(int(argument)), "Content-Encoding: gzip\r\n")
        if name.startswith("redirect"):
            status = 307 if name == "redirect307" else 302
            return _http(status, document, f"Location: {argument or self.url}\r\n")
        raise ValueError(f"no such behaviour: {name}")

    def _drip(
        self, connection: socket.socket, name: str, seconds: float, let_go: threading.Event
    ) -> None:
        answer = _http(200, DOCUMENTS["ok"](self._keys))
        at_once = 0 if name == "header_drip" else answer.index(b"\r\n\r\n") + 4
        connection.sendall(answer[:at_once])
        for byte in answer[at_once:]:
            if let_go.wait(seconds):
                return
            connection.sendall(bytes([byte]))

    def _pour(self, connection: socket.socket, head: bytes, block: bytes, count: int) -> None:
        """Send the answer in blocks, so that this process does not hold all of it in memory."""
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head)
        for _ in range(count):
            connection.sendall(block)


def _http(status: int, body: bytes, headers: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    )
    return head.encode() + body
