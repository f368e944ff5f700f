"""Answers to errors outside of a view, as a page and as a problem document."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from accounts.rate_limits.limits import LimitReached
from cognito.errors import CognitoUnavailable
from project import error_pages
from project.middleware.empty_errors import EmptyErrorsMiddleware
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
@pytest.mark.parametrize("path", ["/", "/accounts/logout/", "/accounts/profile/", "/healthz"])
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
    ("error", "status", "wait"),
    [
        (OperationalError("down"), 503, "5"),
        (InternalError("read-only"), 503, "5"),
        (CognitoUnavailable(retry_after=7), 503, "7"),
        (LimitReached(89.5), 429, "90"),
        (ZeroDivisionError("defect"), 500, None),
    ],
)
def test_outage_or_limit_that_no_view_handles_says_when_to_try_again(
    error: Exception, status: int, wait: str | None
) -> None:
    page = failing("/accounts/profile/", error)
    assert page.status_code == status
    assert page["Content-Type"].startswith("text/html")
    assert page.get("Retry-After") == wait
    assert "Try again" in page.content.decode()
    # What the exception says is not in the page.
    assert not re.search(r"\b(down|read-only|defect)\b", page.content.decode())

    problem = failing("/api/v1/me", error)
    assert problem.status_code == status
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.get("Retry-After") == wait


def test_reached_limit_says_how_many_minutes_it_lasts() -> None:
    assert "Try again in 2 min." in failing("/", LimitReached(89.5)).content.decode()


def answer_of(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    answer = EmptyErrorsMiddleware(lambda _: response)(request)
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.fixture
def visit(rf: RequestFactory) -> Callable[..., HttpRequest]:
    def visit(path: str = "/somewhere?code=secret", method: str = "GET") -> HttpRequest:
        request = rf.generic(method, path)
        request.user = AnonymousUser()
        return request

    return visit


# 408 and 418 have no words of their own.
STATUSES = [*error_pages.PAGES, 408, 418]


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_without_content_gets_a_page_with_the_next_step(
    visit: Callable[..., HttpRequest], status: int
) -> None:
    response = HttpResponse(status=status, headers={"Retry-After": "7", "Allow": "POST"})
    answer = answer_of(visit(), response)

    page = answer.content.decode()
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    assert (answer["Retry-After"], answer["Allow"]) == ("7", "POST")
    heading = re.search(r"<h1>(.+)</h1>\s*<p>(.+)</p>", page)
    assert heading
    assert len(heading[2]) > 40
    assert 'href="/">Go home</a>' in page
    # A later attempt can succeed. The code in the address is not in the page.
    may_repeat = status in {429, 500, 502, 503, 504}
    assert ('<a class="button" href="">Try again</a>' in page) == may_repeat
    assert "secret" not in page


@pytest.mark.parametrize("status", [429, 500, 503])
def test_page_does_not_offer_to_repeat_a_form(
    visit: Callable[..., HttpRequest], status: int
) -> None:
    page = answer_of(visit(method="POST"), HttpResponse(status=status)).content
    assert b">Try again</a>" not in page


@pytest.mark.parametrize(
    ("path", "response"),
    [
        ("/readyz", HttpResponse(status=405)),
        ("/api/v1/me", HttpResponse(status=405)),
        ("/somewhere", HttpResponse(status=304)),
        ("/somewhere", HttpResponse(status=204)),
        ("/somewhere", StreamingHttpResponse([], status=500)),
        ("/somewhere", HttpResponse("Words of the view.", status=404)),
    ],
)
def test_other_answers_stay_as_they_are(
    visit: Callable[..., HttpRequest], path: str, response: HttpResponseBase
) -> None:
    before = b"".join(response)
    answer = EmptyErrorsMiddleware(lambda _: response)(visit(path))
    assert answer is response
    assert b"".join(answer) == before


@pytest.mark.django_db
def test_visitor_without_rights_is_told_to_sign_in(visit: Callable[..., HttpRequest]) -> None:
    visitor, user = visit(), visit()
    user.user = User(email="uma@example.com")
    assert b"Sign in with an account" in error_pages.permission_denied(visitor).content
    assert b"You are signed in, but" in error_pages.permission_denied(user).content


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


LONG = {"HTTP_X_LONG": "a" * 17_000}
FORM = {"data": "a" * 70_000, "content_type": "application/x-www-form-urlencoded"}
PREFLIGHT = {
    "HTTP_ORIGIN": "https://spa.example.com",
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET",
}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("get", "/" + "a" * 9_000, {}, 414),
        ("get", "/api/v1/me?x=" + "a" * 9_000, {}, 414),
        ("get", "/", LONG, 431),
        ("get", "/api/v1/me", LONG, 431),
        ("post", "/accounts/logout/", FORM, 413),
        ("get", "/", {"HTTP_HOST": "evil.example"}, 400),
        ("post", "/api/v1/notes", {"content_type": "application/json; charset=latin-1"}, 415),
        ("options", "/api/v1/me", PREFLIGHT, 200),
        ("get", "/healthz", {}, 200),
    ],
)
def test_every_answer_has_the_security_headers(
    method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    """Whichever middleware answers, also one that runs before Django's SecurityMiddleware."""
    answer = getattr(Client(), method)(path, **sent)
    assert answer.status_code == status
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Content-Security-Policy" in answer
    assert answer["Cache-Control"] == "no-store"


def test_request_id_is_not_chosen_by_the_caller() -> None:
    first = Client().get("/healthz", HTTP_X_REQUEST_ID="forged")
    second = Client().get("/healthz")
    assert first["X-Request-ID"] != "forged"
    assert first["X-Request-ID"] != second["X-Request-ID"]
