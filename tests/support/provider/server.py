"""The HTTP server of a test run, which serves one provider at a time."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.provider.wire import HTTPAnswer, send


@dataclass(frozen=True)
class Received:
    """A received request. `name` is its path, or the operation of an API call."""

    name: str
    method: str
    query: list[tuple[str, str]]
    headers: Message
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """A response, and the fault of its transmission."""

    answer: HTTPAnswer
    wire_fault: str = ""


Application = Callable[[str, str, list[tuple[str, str]], Message, bytes], Reply]


class Server:
    """A server of one application on a loopback port."""

    def __init__(self) -> None:
        self._application: Application | None = None
        self._let_go = threading.Event()
        self._http = _Listener(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[Server]:
        self._thread.start()
        try:
            yield self
        finally:
            self.let_go()
            self._http.shutdown()
            self._http.server_close()
            self._thread.join(5)

    @contextmanager
    def serving(self, application: Application) -> Iterator[None]:
        """Serve `application` during the block, and the previous one after it."""
        previous, self._application = self._application, application
        try:
            yield
        finally:
            self.let_go()
            self._application = previous

    def let_go(self) -> None:
        """End the wait of every delayed request."""
        waiting, self._let_go = self._let_go, threading.Event()
        waiting.set()

    def answer(self, connection: socket.socket, *request: Any) -> None:
        if self._application is None:
            return
        reply = self._application(*request)
        # Most faults make the client close the connection.
        with contextlib.suppress(OSError):
            send(connection, reply.answer, reply.wire_fault, self._let_go)


class _Listener(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length) if length else b""
            parts = urlsplit(self.path)
            query = parse_qsl(parts.query, keep_blank_values=True)
            self.close_connection = True
            server.answer(self.connection, self.command, parts.path, query, self.headers, body)

        do_GET = _serve  # noqa: N815 # the name in http.server
        do_POST = _serve  # noqa: N815 # as above

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the name in http.server
            """Log nothing, because the requests are in `received`."""

    return Handler


def first_values(query: list[tuple[str, str]]) -> Mapping[str, str]:
    return dict(reversed(query))
