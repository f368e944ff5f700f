"""The lines that gunicorn writes to the application's log."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from project.logs.request_lines import RequestLines


@pytest.fixture
def lines() -> RequestLines:
    return RequestLines(Config())


def answered(lines: RequestLines, status: str = "200 OK", /, **environ: str) -> None:
    response = SimpleNamespace(status=status, headers=[("X-Request-ID", "f" * 32)])
    lines.access(response, None, {"REQUEST_METHOD": "GET", **environ}, timedelta(milliseconds=12))


def test_request_has_one_line_without_its_query_string(
    lines: RequestLines, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    answered(lines, "302 Found", PATH_INFO="/accounts/callback/", QUERY_STRING="code=secret")
    assert caplog.messages == ["GET /accounts/callback/ 302 in 12 ms"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probe_has_a_line_only_if_it_fails(
    lines: RequestLines, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level("INFO")
    answered(lines, PATH_INFO=path)
    assert caplog.messages == []
    answered(lines, "503 Service Unavailable", PATH_INFO=path)
    assert caplog.messages == [f"GET {path} 503 in 12 ms"]


def test_names_of_users_are_left_out(lines: RequestLines, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    answered(lines, PATH_INFO="/api/v1/operators/users/uma@example.com")
    assert caplog.messages == ["GET /api/v1/operators/users/[…] 200 in 12 ms"]


# What gunicorn 27 writes: workers/base.py, handle_error.
@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        (
            "Invalid request from ip=203.0.113.9: Invalid HTTP Header: 'Authorization Bearer x.y'",
            (),
            "Invalid request from ip=203.0.113.9",
        ),
        (
            "Invalid request from ip=2001:db8::1: Invalid HTTP request line: 'GET /?code=1\nx'",
            (),
            "Invalid request from ip=2001:db8::1",
        ),
        (
            "Error handling request %s %s",
            ("GET", "/accounts/callback/?code=secret"),
            "Error handling request GET /accounts/callback/?[…]",
        ),
        ("Booting worker with pid: %s", (7,), "Booting worker with pid: 7"),
    ],
)
def test_errors_of_gunicorn_quote_no_request(
    lines: RequestLines,
    caplog: pytest.LogCaptureFixture,
    message: str,
    arguments: tuple[Any, ...],
    expected: str,
) -> None:
    lines.warning(message, *arguments)
    assert caplog.messages == [expected]


def test_request_that_gunicorn_refuses_has_a_line(
    lines: RequestLines, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    response = SimpleNamespace(status="400 Bad Request", headers=[])
    lines.access(response, None, {"RAW_URI": "/x?code=secret"}, timedelta())
    assert caplog.messages == ["- /x 400 in 0 ms"]


def test_log_level_of_the_application_holds(
    lines: RequestLines, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    answered(lines, PATH_INFO="/")
    assert caplog.messages == []
    assert logging.getLogger("gunicorn.access").level == logging.NOTSET
