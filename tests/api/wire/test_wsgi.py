"""Requests that test clients cannot send, written as bytes to a real server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from api.wire.wsgi import TolerantHandler
from cognito.testing import TokenFactory

pytestmark = [
    pytest.mark.usefixtures("known_keys"),
    pytest.mark.urls("tests.api.urls"),
]


@dataclass(frozen=True)
class Answer:
    status: int
    head: str
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(self.body)
        return members


class Wire:
    """Sends requests byte by byte."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(
        self,
        *headers: bytes,
        target: bytes = b"/api/v1/me",
        method: bytes = b"GET",
        host: bytes = b"Host: localhost:8000",
        body: bytes = b"",
    ) -> Answer:
        lines = [method + b" " + target + b" HTTP/1.1", host, *headers, b"Connection: close"]
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
            connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            received = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, answered = received.partition(b"\r\n\r\n")
        return Answer(int(head.split(b" ")[1]), head.decode("latin-1"), answered)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Log nothing, because the tests check the answers only."""


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Serve the application with the server of `manage.py runserver`."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(TolerantHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Wire(server.server_port)
    server.shutdown()
    thread.join(5)
    server.server_close()


def bearer(token: str) -> bytes:
    return f"Authorization: Bearer {token}".encode()


def test_valid_token_is_accepted(wire: Wire, tokens: TokenFactory) -> None:
    assert wire(bearer(tokens.access())).status == 200


@pytest.mark.parametrize("name", [b"authorization", b"AUTHORIZATION", b"aUTHORIZATION"])
def test_name_of_the_header_is_accepted_in_any_case(
    wire: Wire, tokens: TokenFactory, name: bytes
) -> None:
    assert wire(name + b":" + bearer(tokens.access()).partition(b":")[2]).status == 200


def test_two_authorization_headers_are_refused_in_any_order(
    wire: Wire, tokens: TokenFactory
) -> None:
    good, bad = bearer(tokens.access()), bearer("bad")
    basic = b"Authorization: Basic dXNlcjpwYXNz"

    for headers in [(good, bad), (bad, good), (good, good), (basic, good), (good, basic)]:
        answer = wire(*headers)

        assert (answer.status, answer.problem["code"]) == (401, "malformed_authorization")
        assert 'WWW-Authenticate: Bearer error="invalid_token", resource_metadata=' in answer.head


def test_header_with_an_underscore_is_ignored(wire: Wire, tokens: TokenFactory) -> None:
    for name in (b"HTTP_AUTHORIZATION", b"http_authorization", b"X_Authorization"):
        answer = wire(name + b": Bearer " + tokens.access().encode())

        assert (answer.status, answer.problem["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "value", [b"Bearer \xff\xfe", b"Bearer \xe2\x82\xac", b"\x80", b"B\xc3\xa9"]
)
def test_bytes_beyond_ascii_are_refused(wire: Wire, value: bytes) -> None:
    answer = wire(b"Authorization: " + value)

    assert (answer.status, answer.problem["code"]) == (401, "malformed_authorization")


@pytest.mark.parametrize("size", [10_000, 60_000])
def test_long_invalid_token_is_refused(wire: Wire, size: int) -> None:
    answer = wire(bearer("x" * size))

    assert (answer.status, answer.problem["code"]) == (401, "malformed_token")


def test_token_in_a_form_is_ignored(wire: Wire, tokens: TokenFactory) -> None:
    body = f"access_token={tokens.access()}".encode()
    headers = (
        b"Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}".encode(),
    )

    answer = wire(*headers, method=b"POST", body=body)

    assert (answer.status, answer.problem["code"]) == (401, "not_authenticated")


def test_problem_of_an_unknown_host_does_not_repeat_it(wire: Wire, tokens: TokenFactory) -> None:
    for host in (b"Host: evil.example", b"Host: localhost:8000\r\nHost: evil.example"):
        answer = wire(bearer(tokens.access()), host=host)

        assert (answer.status, answer.problem["code"]) == (400, "bad_request")
        assert b"evil" not in answer.body


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json; charset=rot13",
        b"application/json; charset=idna",
        b"application/json; x*=bogus''%41",
        b"text/plain; charset=" + b"x" * 5000,
        b"application/json; charset=\xff",
        b"application/json; " + b"a=b;" * 5000,
        b";;;",
    ],
)
def test_no_content_type_causes_a_server_error(
    wire: Wire, tokens: TokenFactory, content_type: bytes
) -> None:
    header = b"Content-Type: " + content_type

    for target in (b"/api/v1/me?name=%C3%A9", b"/api/v1/bodies?name=%C3%A9", b"/?name=%C3%A9"):
        assert wire(bearer(tokens.access()), header, target=target).status in {200, 400, 415}


def test_thousand_parameters_next_to_a_charset_are_a_400_problem(wire: Wire) -> None:
    target = b"/api/v1/bodies?" + b"a=1&" * 1001

    answer = wire(b"Content-Type: application/json; charset=utf-8", target=target)

    assert (answer.status, answer.problem["code"]) == (400, "bad_request")


def test_truncated_body_is_a_400_problem(wire: Wire) -> None:
    headers = (b"Content-Type: application/json", b"Content-Length: 3")

    answer = wire(*headers, target=b"/api/v1/bodies", method=b"POST", body=b'{"a": 1}')

    assert (answer.status, answer.problem["code"]) == (400, "parse_error")


def test_head_has_no_body_and_options_is_refused(wire: Wire, tokens: TokenFactory) -> None:
    head = wire(bearer(tokens.access()), method=b"HEAD")
    options = wire(bearer(tokens.access()), method=b"OPTIONS")

    assert (head.status, head.body) == (200, b"")
    assert (options.status, options.problem["code"]) == (405, "method_not_allowed")


def test_absolute_address_of_another_site_is_ignored(wire: Wire) -> None:
    answer = wire(target=b"http://evil.example/api/v1/me")

    assert answer.status in {400, 401, 404}
    assert b"evil.example" not in answer.body


def test_token_of_a_user_in_a_hundred_groups_is_accepted(wire: Wire, tokens: TokenFactory) -> None:
    """Cognito allows a hundred groups. API Gateway's limit on headers bounds their names."""
    groups = [f"{number:03d}-a-group-with-a-name-that-is-rather-long" for number in range(100)]
    token = tokens.access({"cognito:groups": groups})
    header = f"Authorization: Bearer {token}".encode()
    assert 6_000 < len(header) < 10_240

    answer = wire(header)

    assert answer.status == 200
    assert answer.problem["groups"] == groups
