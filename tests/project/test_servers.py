"""The application behind real sockets: alone, on a Unix socket, and behind a forwarding proxy."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from socketserver import BaseServer, UnixStreamServer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from pytest_django import Settings

from project.environment.trusted_proxy import parse
from project.wsgi import application

PUBLIC = "gate.example.com"


class Quiet(WSGIRequestHandler):
    def address_string(self) -> str:
        return "somewhere"

    def get_environ(self) -> dict[str, Any]:
        # The peer of a Unix socket has no address, so REMOTE_ADDR is empty, as with gunicorn.
        if not any(self.client_address):
            self.client_address = ("", 0)
        return super().get_environ()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # as it is called
        pass


class UnixWSGIServer(UnixStreamServer, WSGIServer):
    def server_bind(self) -> None:
        UnixStreamServer.server_bind(self)
        self.server_name, self.server_port = "localhost", 0
        self.setup_environ()


@contextmanager
def running(server: BaseServer) -> Iterator[None]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    server = WSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(application)
    with running(server):
        yield server.server_port


@pytest.fixture
def unix_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    # The kernel accepts at most 107 characters.
    path = tmp_path_factory.mktemp("s") / "s"
    server = UnixWSGIServer(os.path.relpath(path), Quiet)
    server.set_app(application)
    with running(server):
        yield path


class UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.path.relpath(self._path))


Answer = tuple[int, dict[str, str], bytes]


def ask(connection: HTTPConnection, method: str, path: str, headers: dict[str, str]) -> Answer:
    """Return the answer to exactly these headers, which may lack Host."""
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    try:
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


@contextmanager
def nginx(upstream: Callable[[], HTTPConnection]) -> Iterator[int]:
    """A proxy that forwards as configured in docs/proxies.md, as if it had ended TLS."""

    class Forward(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # as it is called
            sent = {name: value for name, value in self.headers.items() if "_" not in name}
            before = self.headers.get("X-Forwarded-For")
            peer = self.client_address[0]
            sent["X-Forwarded-For"] = f"{before}, {peer}" if before else peer
            sent["X-Forwarded-Proto"] = "https"
            status, headers, body = ask(upstream(), "GET", self.path, sent)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # as it is called
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    with running(server):
        yield server.server_port


@pytest.fixture
def https(settings: Settings) -> Settings:
    settings.PUBLIC_URL = settings.PUBLIC_ORIGIN = f"https://{PUBLIC}"
    settings.ALLOWED_HOSTS = [PUBLIC]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = PUBLIC
    return settings


@pytest.mark.parametrize("headers", [{}, {"Host": "10.1.2.3:8000"}, {"Host": "/"}], ids=str)
def test_health_check_is_answered_for_any_host(
    https: Settings, port: int, headers: dict[str, str]
) -> None:
    status, _, body = ask(HTTPConnection("127.0.0.1", port), "GET", "/healthz", headers)
    assert (status, body) == (200, b'{"status": "ok"}')


@pytest.mark.parametrize("path", ["/healthz", "/accounts/logged-out/", "/nowhere", "/api/v1/me"])
def test_answer_to_head_has_the_headers_of_get_and_no_body(port: int, path: str) -> None:
    host = {"Host": "localhost:8000"}
    of_get = ask(HTTPConnection("127.0.0.1", port), "GET", path, host)
    of_head = ask(HTTPConnection("127.0.0.1", port), "HEAD", path, host)
    assert of_head[2] == b""
    # Each page sets a new CSRF token.
    for name in ("Date", "X-Request-ID", "Set-Cookie"):
        assert (of_get[1].pop(name, None) is None) == (of_head[1].pop(name, None) is None)
    assert of_head[1] == of_get[1]


@pytest.mark.django_db
def test_wsgi_application_answers_head_without_a_body() -> None:
    """gunicorn sends any body that it gets, which the client reads as the next answer."""
    statuses: list[str] = []

    def start_response(status: str, headers: object, exc_info: object = None) -> Any:
        statuses.append(status)

    environ: dict[str, Any] = {
        "REQUEST_METHOD": "HEAD",
        "PATH_INFO": "/healthz",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    }
    answer = application(environ, start_response)
    assert list(answer) == []
    answer.close()
    assert statuses == ["200 OK"]


def test_site_behind_nginx_does_not_redirect_to_itself(https: Settings, port: int) -> None:
    https.TRUSTED_PROXY = parse("1 127.0.0.1")
    with nginx(lambda: HTTPConnection("127.0.0.1", port)) as front:
        status, headers, _ = ask(
            HTTPConnection("127.0.0.1", front), "GET", "/accounts/login/", {"Host": PUBLIC}
        )
    assert status == 302
    assert headers["Location"].startswith(https.COGNITO_DOMAIN)


def test_site_behind_nginx_on_a_unix_socket_works(https: Settings, unix_socket: Path) -> None:
    https.TRUSTED_PROXY = parse("1 unix")
    with nginx(lambda: UnixConnection(unix_socket)) as front:
        status, headers, _ = ask(
            HTTPConnection("127.0.0.1", front), "GET", "/accounts/login/", {"Host": PUBLIC}
        )
    assert status == 302
    assert headers["Location"].startswith(https.COGNITO_DOMAIN)


def test_untrusted_proxy_leads_to_an_explanation(https: Settings, port: int) -> None:
    with nginx(lambda: HTTPConnection("127.0.0.1", port)) as front:
        status, headers, body = ask(
            HTTPConnection("127.0.0.1", front), "GET", "/accounts/login/", {"Host": PUBLIC}
        )
    assert (status, "Location" in headers) == (400, False)
    assert b"TRUSTED_PROXY" in body


def test_headers_of_a_visitor_without_the_proxy_are_ignored(https: Settings, port: int) -> None:
    https.TRUSTED_PROXY = parse("1 10.0.0.0/8")
    forged = {"Host": PUBLIC, "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"}
    status, _, _ = ask(HTTPConnection("127.0.0.1", port), "GET", "/accounts/login/", forged)
    assert status == 400
