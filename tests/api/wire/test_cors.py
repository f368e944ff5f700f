"""Requests of browser applications on other origins."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from cognito.testing import TokenFactory
from tests.support.answers import assert_problem
from tests.support.caller import ME, Caller

pytestmark = pytest.mark.usefixtures("known_keys")

SPA = "https://spa.example.com"


@pytest.fixture(autouse=True)
def _allowed(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = (SPA, "http://localhost:3000")


def preflight(
    call: Caller, origin: str, path: str = ME, method: str = "GET", **extra: Any
) -> HttpResponse:
    return call(
        path=path,
        method="OPTIONS",
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        **extra,
    )


def cors_headers(response: HttpResponseBase) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in response.items()
        if name.lower().startswith("access-control-")
    }


@pytest.mark.parametrize("origin", [SPA, "http://localhost:3000"])
def test_listed_origin_can_read_the_answer(call: Caller, tokens: TokenFactory, origin: str) -> None:
    response = call(tokens.access(), HTTP_ORIGIN=origin)
    assert response.status_code == 200
    assert cors_headers(response) == {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "location, retry-after, www-authenticate, x-request-id",
    }
    assert response["Vary"].lower() == "origin"


def test_listed_origin_can_read_errors(call: Caller) -> None:
    for refused, status, code in [
        (call(HTTP_ORIGIN=SPA), 401, "not_authenticated"),
        (call("x", HTTP_ORIGIN=SPA), 401, "malformed_token"),
        (call(path="/api/v1/nothing", HTTP_ORIGIN=SPA), 404, "not_found"),
        (call(HTTP_ORIGIN=SPA, HTTP_HOST="evil.example"), 400, "bad_request"),
        (call(HTTP_ORIGIN=SPA, CONTENT_TYPE="a/b; charset=rot13"), 415, "unsupported_media_type"),
    ]:
        assert_problem(refused, status, code)
        assert refused["Access-Control-Allow-Origin"] == SPA


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_preflight_lists_the_allowed_methods_and_headers(call: Caller, method: str) -> None:
    response = preflight(call, SPA, "/api/v1/me", method)
    assert (response.status_code, response.content) == (200, b"")
    allowed = cors_headers(response)
    assert allowed.pop("access-control-expose-headers")
    assert allowed == {
        "access-control-allow-origin": SPA,
        "access-control-allow-headers": "authorization, content-type",
        "access-control-allow-methods": "DELETE, GET, PATCH, POST, PUT",
        "access-control-max-age": "7200",
    }


@pytest.mark.parametrize(
    "names",
    [
        "authorization,baggage,content-type,sentry-trace,traceparent,tracestate",
        "authorization, x-request-id, x-datadog-trace-id",
        "x-b3-traceid",
    ],
)
def test_tracing_headers_are_allowed(call: Caller, names: str) -> None:
    response = preflight(call, SPA, HTTP_ACCESS_CONTROL_REQUEST_HEADERS=names)
    allowed = set(response["Access-Control-Allow-Headers"].split(", "))
    assert allowed == {"authorization", "content-type", *names.replace(" ", "").split(",")}
    assert "access-control-request-headers" in response["Vary"]
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize(
    "names", ["x y", "a\r\nset-cookie: b", "a,,b", "a;b", "\u00e4", "a," * 600 + "a", ",", '"a"']
)
def test_malformed_header_names_are_not_repeated(call: Caller, names: str) -> None:
    response = preflight(call, SPA, HTTP_ACCESS_CONTROL_REQUEST_HEADERS=names)
    assert response["Access-Control-Allow-Headers"] == "authorization, content-type"


def test_header_names_are_not_repeated_to_another_origin(call: Caller) -> None:
    asked = {"HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "baggage"}
    response = preflight(call, "https://evil.example", **asked)
    assert cors_headers(response) == {}


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "*",
        "",
        "https://spa.example.com.evil.example",
        "https://evilspa.example.com",
        "https://sub.spa.example.com",
        "https://spa.example.com@evil.example",
        "https://user@spa.example.com",
        "https://SPA.example.com",
        "HTTPS://spa.example.com",
        "https://spa.example.com:8443",
        "https://spa.example.com:443",
        "https://spa.example.com/",
        "https://spa.example.com/evil",
        "https://spa.example.com https://evil.example",
        "https://spa.example.com, https://evil.example",
        "http://spa.example.com",
        "http://localhost:3001",
        "https://localhost:3000",
        "http://127.0.0.1:3000",
        "https://[",
    ],
)
def test_other_origins_get_no_cors_headers(call: Caller, tokens: TokenFactory, origin: str) -> None:
    for response in (
        call(tokens.access(), HTTP_ORIGIN=origin),
        call(HTTP_ORIGIN=origin),
        preflight(call, origin),
    ):
        assert cors_headers(response) == {}
        assert response["Vary"].lower() == "origin", (
            "a cache must keep the answers to different origins apart"
        )


def test_no_origin_is_allowed_without_a_list(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ()
    assert cors_headers(call(tokens.access(), HTTP_ORIGIN=SPA)) == {}
    assert cors_headers(preflight(call, SPA)) == {}


@pytest.mark.parametrize("path", ["/", "/healthz", "/accounts/login/", "/admin/", "/apix"])
def test_pages_have_no_cors_headers(path: str) -> None:
    client = Client()
    for response in (
        client.get(path, headers={"Origin": SPA}),
        client.options(path, headers={"Origin": SPA, "Access-Control-Request-Method": "POST"}),
    ):
        assert cors_headers(response) == {}


def test_cookie_from_a_listed_origin_does_not_authenticate(call: Caller) -> None:
    response = call(HTTP_ORIGIN=SPA, HTTP_COOKIE="gatehouse-session=x")
    assert_problem(response, 401, "not_authenticated")
    assert "Access-Control-Allow-Credentials" not in response


def test_private_network_access_is_not_allowed(call: Caller) -> None:
    asked = preflight(call, SPA, HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK="true")
    assert "Access-Control-Allow-Private-Network" not in asked


def test_options_request_without_a_preflight_is_refused(call: Caller, tokens: TokenFactory) -> None:
    assert_problem(call(tokens.access(), method="OPTIONS"), 405, "method_not_allowed")
