"""Host, scheme and address of a request, with and without a proxy."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.client_address import client_address
from project.aws_lambda.gateway_event import wsgi_environ
from project.environment.trusted_proxy import parse
from project.middleware.front import FrontMiddleware
from tests.project.aws_lambda.test_gateway_event import BALANCER, made

PUBLIC = "gate.example.com"
VISITOR = "203.0.113.9"
PROXY = "10.0.0.1"


@pytest.fixture
def https(settings: Settings) -> Settings:
    """The settings of a public site behind one proxy."""
    settings.PUBLIC_URL = settings.PUBLIC_ORIGIN = f"https://{PUBLIC}"
    settings.ALLOWED_HOSTS = [PUBLIC]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = PUBLIC
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.TRUSTED_PROXY = parse(f"1 {PROXY}")
    return settings


def forwarded(**changed: Any) -> dict[str, Any]:
    """Return the environment of a request that the proxy forwards, without values of None."""
    environ = {
        "HTTP_HOST": PUBLIC,
        "REMOTE_ADDR": PROXY,
        "HTTP_X_FORWARDED_FOR": f"6.6.6.6, {VISITOR}",
        "HTTP_X_FORWARDED_PROTO": "https",
    } | changed
    return {name: value for name, value in environ.items() if value is not None}


def seen(**environ: Any) -> tuple[str | None, bool, str]:
    """Return the address, whether it is secure, and the host that a view sees."""
    answers: list[tuple[str | None, bool, str]] = []

    def view(request: HttpRequest) -> HttpResponse:
        answers.append((client_address(request), request.is_secure(), request.get_host()))
        return HttpResponse()

    response = FrontMiddleware(view)(RequestFactory().get("/", **environ))
    assert response.status_code == 200
    return answers[0]


@pytest.mark.usefixtures("https")
def test_trusted_proxy_decides_address_scheme_and_host() -> None:
    assert seen(**forwarded()) == (VISITOR, True, PUBLIC)


@pytest.mark.usefixtures("https")
@pytest.mark.parametrize("host", ["abc.execute-api.eu-west-1.amazonaws.com", "app:8000"])
def test_proxy_may_send_the_name_of_the_origin(host: str) -> None:
    assert seen(**forwarded(HTTP_HOST=host)) == (VISITOR, True, PUBLIC)


@pytest.mark.usefixtures("https")
@pytest.mark.parametrize(
    "header",
    ["HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_SERVER"],
)
def test_other_headers_are_ignored(header: str) -> None:
    assert seen(**forwarded(**{header: "evil.example"})) == (VISITOR, True, PUBLIC)


@pytest.mark.usefixtures("https")
def test_headers_of_a_visitor_who_bypasses_the_proxy_are_ignored() -> None:
    answer = Client().get("/", **forwarded(REMOTE_ADDR=VISITOR))
    assert answer.status_code == 400
    answer = Client().get("/", **forwarded(REMOTE_ADDR=VISITOR, HTTP_HOST="origin.example"))
    assert answer.status_code == 400


def test_headers_are_ignored_by_default(https: Settings) -> None:
    https.TRUSTED_PROXY = None
    secure = forwarded(**{"wsgi.url_scheme": "https"}, HTTP_X_FORWARDED_PROTO="http")
    assert seen(**secure) == (PROXY, True, PUBLIC)


@pytest.mark.django_db
@pytest.mark.parametrize("proxy", ["none", f"1 {PROXY}"])
def test_plain_http_is_never_redirected_in_a_loop(https: Settings, proxy: str) -> None:
    https.TRUSTED_PROXY = parse(proxy)
    client = Client()
    for proto in (None, "", "https, http", "https,https", "on", "wss"):
        for path in ("/accounts/login/", "/api/v1/me", "/static/nothing.css"):
            answer = client.get(path, **forwarded(HTTP_X_FORWARDED_PROTO=proto))
            assert answer.status_code == 400, (proto, path)
            text = answer.content.decode()
            assert f"https://{PUBLIC}" in text
            if path.startswith("/api/"):
                problem = json.loads(text)
                assert problem["code"] == "bad_request"
                assert "plain http" in problem["detail"]


def test_forwarded_https_is_ignored_without_a_trusted_proxy(https: Settings) -> None:
    https.TRUSTED_PROXY = None
    assert Client().get("/accounts/login/", **forwarded()).status_code == 400


@pytest.mark.usefixtures("https")
def test_plain_http_that_the_proxy_received_is_redirected() -> None:
    answer = Client().get("/accounts/login/?next=/", **forwarded(HTTP_X_FORWARDED_PROTO="HTTP"))
    assert answer.status_code == 301
    assert answer["Location"] == f"https://{PUBLIC}/accounts/login/?next=/"


@pytest.mark.usefixtures("https")
def test_plain_http_that_a_gateway_on_lambda_received_is_redirected() -> None:
    """The event has the scheme of the visitor's request."""
    headers = {"host": PUBLIC, "x-forwarded-for": VISITOR, "x-forwarded-proto": "http"}
    event = made(BALANCER, path="/accounts/login/", headers=headers)
    environ = wsgi_environ(event, prefix="")
    answer = Client().get(environ["PATH_INFO"], **environ)
    assert answer.status_code == 301
    assert answer["Location"] == f"https://{PUBLIC}/accounts/login/"


@pytest.mark.usefixtures("https")
def test_answer_over_the_proxy_is_one_over_https() -> None:
    answer = Client().get("/accounts/login/", **forwarded())
    assert answer.status_code == 302
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.usefixtures("https")
def test_error_over_https_has_the_headers_of_https() -> None:
    answer = Client().get("/" + "a" * 9_000, **forwarded())
    assert answer.status_code == 414
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


HOSTS = (None, "", "10.1.2.3", "10.1.2.3:8000", "[::1]", "evil.example", "no host", "a" * 999)


@pytest.mark.parametrize("proxy", ["none", f"1 {PROXY}"])
def test_health_check_is_answered_over_plain_http(
    https: Settings, proxy: str, caplog: pytest.LogCaptureFixture
) -> None:
    https.TRUSTED_PROXY = parse(proxy)
    client = Client(SERVER_NAME="probe")
    for host in HOSTS:
        for peer in ("10.7.7.7", PROXY, ""):
            environ: dict[str, Any] = {"REMOTE_ADDR": peer}
            environ |= {} if host is None else {"HTTP_HOST": host}
            for answer in (client.get("/healthz", **environ), client.head("/healthz", **environ)):
                assert answer.status_code == 200, (host, peer)
    assert not caplog.records


@pytest.mark.parametrize("debug", [False, True])
def test_another_host_is_a_plain_400_and_one_warning(
    settings: Settings, caplog: pytest.LogCaptureFixture, *, debug: bool
) -> None:
    settings.DEBUG = debug
    client = Client()
    for host in ("10.1.2.3", "evil.example", "no host", "localhost@evil.example"):
        for path in ("/", "/wp-login.php", "/api/v1/me", "/static/x.css"):
            caplog.clear()
            answer = client.get(path, HTTP_HOST=host)
            assert answer.status_code == 400
            assert host not in answer.content.decode()
            lines = [line for line in caplog.records if line.levelno >= logging.INFO]
            assert [line.levelno for line in lines] == [logging.WARNING]
            assert not lines[0].exc_info


def test_misconfiguration_is_logged_once_a_minute(
    https: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    https.TRUSTED_PROXY = None
    client = Client()
    for _ in range(3):
        client.get("/accounts/login/", HTTP_HOST=PUBLIC)
        client.get("/accounts/login/", HTTP_HOST=PUBLIC, secure=True, REMOTE_ADDR="")
    told = [line.getMessage() for line in caplog.records if line.levelno == logging.ERROR]
    assert len(told) == 2
    assert all("TRUSTED_PROXY" in line for line in told)


@pytest.mark.usefixtures("https")
def test_host_is_not_checked_later() -> None:
    """Other middleware never sees a request whose host Django refuses."""

    def view(request: HttpRequest) -> HttpResponse:
        raise SuspiciousOperation

    request = RequestFactory().get("/", HTTP_HOST="evil.example", secure=True)
    assert FrontMiddleware(view)(request).status_code == 400
