"""The HTTP server under the provider: one for a whole test run, one provider at a time on it."""

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
    """One request as it came. `name` is its path, or the operation of an API call."""

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
    """An answer, and what happens to it on its way."""

    answer: HTTPAnswer
    wire_fault: str = ""


Application = Callable[[str, str, list[tuple[str, str]], Message, bytes], Reply]


class Server:
    """Serves one application on a loopback port until it is stopped."""

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
        """Give every request to `application` while the block runs, then to the former one."""
        former, self._application = self._application, application
        try:
            yield
        finally:
            self.let_go()
            self._application = former

    def let_go(self) -> None:
        """Lets every request go that is being kept waiting."""
        waiting, self._let_go = self._let_go, threading.Event()
        waiting.set()

    def answer(self, connection: socket.socket, *request: Any) -> None:
        if self._application is None:
            return
        reply = self._application(*request)
        # A client that has given up is what most faults are for.
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

        do_GET = _serve  # noqa: N815 # as http.server looks for it
        do_POST = _serve  # noqa: N815 # as above

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # as the base has it
            """Nothing: what came is in `received`."""

    return Handler


def first_values(query: list[tuple[str, str]]) -> Mapping[str, str]:
    return dict(reversed(query))
