"""Answers to errors outside of a view, as a page and as a problem document."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from project import error_pages
from project.wsgi import application


def ask(path: str, **environ: Any) -> tuple[str, bytes]:
    """Return status and body of the WSGI application, called as a server does."""
    given: list[str] = []

    def start_response(status: str, *_: object) -> Any:
        given.append(status)

    body = application(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:8000",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
        }
        | environ,
        start_response,
    )
    return given[0], b"".join(body)


# Django checks the database connections at the end of every request.
@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["rot13", "bogus", "utf-8\0", "hex"])
def test_unknown_charset_of_a_request_does_not_prevent_an_answer(charset: str) -> None:
    status, body = ask("/healthz", CONTENT_TYPE=f"text/plain; charset={charset}")
    assert (status, body) == ("200 OK", b'{"status": "ok"}')


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["rot_13", "idna", "base64_codec", "punycode", "utf-16"])
@pytest.mark.parametrize("path", ["/", "/accounts/logout/", "/admin/", "/healthz"])
def test_charset_of_a_form_causes_no_defect(path: str, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    status, _ = ask(
        path,
        REQUEST_METHOD="POST",
        CONTENT_TYPE=f"multipart/form-data; boundary=x; charset={charset}",
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": BytesIO(body)},
    )
    assert status in {"403 Forbidden", "405 Method Not Allowed"}


def failing(path: str, error: Exception) -> Any:
    request: HttpRequest = RequestFactory().get(path)
    try:
        raise error
    except type(error):
        return error_pages.server_error(request)


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("down"), 503), (ZeroDivisionError("defect"), 500)]
)
def test_unavailable_database_is_a_503_with_retry_after(error: Exception, status: int) -> None:
    page = failing("/accounts/profile/", error)
    assert page.status_code == status
    assert page["Content-Type"].startswith("text/html")
    assert page.has_header("Retry-After") is (status == 503)
    assert str(error) not in page.content.decode()

    problem = failing("/api/v1/me", error)
    assert problem.status_code == status
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.has_header("Retry-After") is (status == 503)


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere"])
def test_page_for_another_host_does_not_repeat_the_host(path: str) -> None:
    answer = Client(raise_request_exception=False).get(path, HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_every_page_has_its_policy(settings: Settings) -> None:
    answer = Client().get("/nowhere")
    assert answer.status_code == 404
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"form-action 'self' {settings.COGNITO_DOMAIN};" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_request_id_is_not_chosen_by_the_caller() -> None:
    first = Client().get("/healthz", HTTP_X_REQUEST_ID="forged")
    second = Client().get("/healthz")
    assert first["X-Request-ID"] != "forged"
    assert first["X-Request-ID"] != second["X-Request-ID"]
