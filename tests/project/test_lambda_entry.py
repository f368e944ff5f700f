"""The function as Lambda calls it. tests/e2e/test_deployed.py runs it in Lambda."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from accounts import cleanup
from accounts.client_address import client_address
from infra.environments import ROOT
from project import lambda_entry
from project.aws_lambda.gateway_event import wsgi_environ
from project.environment.trusted_proxy import parse
from project.logs.configuration import JsonFormatter
from project.middleware.front import FrontMiddleware
from project.middleware.request_id import current_request_id
from tests.project.aws_lambda.test_gateway_event import BALANCER, HTTP, REST, made
from tests.support.provider.browser import parameters

# Django checks the database connections at the end of every request.
pytestmark = pytest.mark.django_db


@dataclass
class Context:
    aws_request_id: str = "lambda-request-1"


def call(event: dict[str, Any]) -> dict[str, Any]:
    return lambda_entry.handler(event, Context())


def rest(path: str, **changes: Any) -> dict[str, Any]:
    headers = {"Host": ["localhost:8000"]} | changes.pop("multiValueHeaders", {})
    return made(REST, path=path, multiValueHeaders=headers, **changes)


def test_request_is_answered_and_logged_with_its_ids(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    secret = {"code": ["a-secret-code"]}
    answer = call(rest("/healthz", multiValueQueryStringParameters=secret))
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"status": "ok"}
    assert "GET /healthz 200" in caplog.text
    assert "lambda-request-1" in caplog.text
    assert "a-secret-code" not in caplog.text


class Lines(logging.Handler):
    """Return the log lines as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(json.loads(JsonFormatter().format(record)))


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Return what the entry point logs."""
    handler, logger = Lines(), logging.getLogger("project.lambda_entry")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler.written
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_log_line_of_a_request_has_the_id_of_its_answer(lines: list[dict[str, Any]]) -> None:
    ids = [call(rest("/healthz"))["multiValueHeaders"]["X-Request-ID"] for _ in range(2)]
    assert [[line["request_id"]] for line in lines] == ids
    assert ids[0] != ids[1]
    assert current_request_id.get() == ""


def test_log_line_of_an_answer_that_is_too_large_has_its_id(
    monkeypatch: pytest.MonkeyPatch, lines: list[dict[str, Any]]
) -> None:
    def huge(environ: dict[str, Any], start_response: Any) -> HttpResponse:
        start_response("200 OK", [("X-Request-ID", "of-the-answer")])
        return HttpResponse(b"x" * 6_000_000)

    monkeypatch.setattr(lambda_entry, "application", huge)
    assert_problem_document(call(rest("/")), 500)
    assert [(line["level"], line["request_id"]) for line in lines] == [
        ("INFO", "of-the-answer"),
        ("ERROR", "of-the-answer"),
    ]
    assert current_request_id.get() == ""


def assert_problem_document(answer: dict[str, Any], status: int) -> None:
    """The answer is a problem document (RFC 9457) that no cache stores."""
    assert answer["statusCode"] == status
    headers = answer["multiValueHeaders"]
    assert headers["Content-Type"] == ["application/problem+json"]
    assert headers["Cache-Control"] == ["no-store"]
    assert json.loads(answer["body"])["status"] == status


def test_event_of_an_http_api_is_answered() -> None:
    event = made(HTTP, rawPath="/healthz", headers={"host": "localhost:8000"})
    assert call(event)["statusCode"] == 200


@pytest.mark.parametrize("path", ["/%2561dmin/", "/api/%2e%2e/admin/", "//admin/", "/admin;x/"])
def test_admin_is_found_at_no_other_path(path: str) -> None:
    assert call(rest(path))["statusCode"] == 404


def test_keys_of_a_body_are_not_commands() -> None:
    body = json.dumps({"raw_command": "1/0", "command": "os.getcwd", "manage": "flush"})
    event = rest(
        "/accounts/login/",
        httpMethod="POST",
        body=body,
        multiValueHeaders={"Content-Type": ["application/json"]},
    )
    assert call(event)["statusCode"] in {403, 405}


def test_event_with_a_request_context_is_always_a_request() -> None:
    event = rest("/healthz") | {"manage": "migrate", "raw_command": "1/0", "command": "os.getcwd"}
    assert json.loads(call(event)["body"]) == {"status": "ok"}


@pytest.mark.parametrize(
    "event",
    [
        {"raw_command": "import os"},
        {"command": "os.getcwd"},
        {"manage": "shell -c 1"},
        {"manage": "flush --no-input"},
        {"manage": ""},
        {},
    ],
)
def test_other_commands_are_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not a command|expected an event"):
        call(event)


def test_management_command_returns_its_output() -> None:
    assert "[X] 0001_initial" in call({"manage": "showmigrations accounts"})["output"]


def test_schedules_run_the_command_of_their_name_or_keep_warm() -> None:
    rule = "arn:aws:events:eu-west-1:000000000000:rule/gatehouse-dev-"
    scheduled = {"detail-type": "Scheduled Event"}
    for name in ("clear_expired", "project.lambda_entry.clear_expired", "0-clear_expired"):
        assert "deleted" in call(scheduled | {"resources": [f"{rule}{name}"]})["output"]
    assert "no issues" in call(scheduled | {"resources": [f"{rule}check"]})["output"]
    assert call(scheduled | {"resources": [f"{rule}shell"]}) == {}
    warmed = call(scheduled | {"resources": [f"{rule}zappa-keep-warm-handler.keep_warm_callback"]})
    assert warmed == {}


def test_scheduled_clean_up_ends_before_the_function_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a long table could end each run, and no other table would be cleared."""
    limits: list[float | None] = []

    def clear(_: datetime, *, seconds: float | None) -> cleanup.Cleared:
        limits.append(seconds)
        return cleanup.Cleared()

    monkeypatch.setattr(cleanup, "clear", clear)
    rule = "arn:aws:events:eu-west-1:000000000000:rule/gatehouse-dev-clear_expired"
    call({"detail-type": "Scheduled Event", "resources": [rule]})
    call({"manage": "clear_expired"})
    assert limits == [20, None]


def test_body_with_invalid_base64_is_a_400() -> None:
    answer = call(rest("/healthz", body="***", isBase64Encoded=True))
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"]) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
    }


def test_answer_that_is_too_large_is_a_500_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def huge(environ: dict[str, Any], start_response: Any) -> HttpResponse:
        start_response("200 OK", [])
        return HttpResponse(b"x" * 6_000_000)

    monkeypatch.setattr(lambda_entry, "application", huge)
    answer = call(rest("/"))
    assert answer["statusCode"] == 500
    assert len(answer["body"]) < 200
    assert "too large" in caplog.text


@pytest.mark.slow
def test_sqlite_is_refused_on_lambda() -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import project.lambda_entry"],
        cwd=ROOT,
        env=os.environ | {"AWS_LAMBDA_FUNCTION_NAME": "gatehouse-dev"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode != 0
    assert "DATABASE_URL: must name a PostgreSQL server" in started.stderr


def test_name_of_a_user_stays_out_of_the_request_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="project.lambda_entry")
    for form in ("ann%40corp.example", "ann@corp.example/disable"):
        call(rest(f"/api/v1/operators/users/{form}"))
    lines = [line.getMessage() for line in caplog.records if line.name == "project.lambda_entry"]
    assert len(lines) == 2
    assert all("/api/v1/operators/users/[…] 40" in line for line in lines)


def test_answer_to_head_has_no_body() -> None:
    get, head = call(rest("/healthz")), call(rest("/healthz", httpMethod="HEAD"))
    assert (get["body"], head["body"]) == ('{"status": "ok"}', "")
    changing = {"X-Request-ID"}
    for answer in (get, head):
        for name in changing:
            del answer["multiValueHeaders"][name]
    assert head["multiValueHeaders"] == get["multiValueHeaders"]


def cloudfront(path: str, **changes: Any) -> dict[str, Any]:
    """The event of a REST API behind CloudFront, which names the origin in Host."""
    domain = "abc.execute-api.eu-west-1.amazonaws.com"
    headers = {
        "Host": [domain],
        "Via": ["2.0 0123.cloudfront.net (CloudFront)"],
        "X-Amz-Cf-Id": ["0123"],
        "X-Forwarded-For": ["6.6.6.6, 203.0.113.9, 130.176.0.1"],
        "X-Forwarded-Proto": ["https"],
        "X-Forwarded-Port": ["443"],
    } | changes.pop("multiValueHeaders", {})
    context = {
        "domainName": domain,
        "stage": "prod",
        "path": f"/prod{path}",
        "httpMethod": "GET",
        "identity": {"sourceIp": "130.176.0.1"},
    }
    return made(REST, path=path, multiValueHeaders=headers, requestContext=context, **changes)


@pytest.fixture
def behind_cloudfront(settings: Settings) -> None:
    settings.PUBLIC_URL = settings.PUBLIC_ORIGIN = "https://app.example.com"
    settings.ALLOWED_HOSTS = ["app.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    settings.TRUSTED_PROXY = parse("1 130.176.0.0/17")


@pytest.mark.usefixtures("behind_cloudfront")
def test_function_behind_cloudfront_serves_the_public_url() -> None:
    answer = call(cloudfront("/accounts/login/"))
    assert answer["statusCode"] == 302
    sent = parameters(answer["multiValueHeaders"]["Location"][0])
    assert sent["redirect_uri"] == "https://app.example.com/accounts/callback/"


@pytest.mark.usefixtures("behind_cloudfront")
def test_address_behind_cloudfront_is_that_of_the_viewer() -> None:
    addresses: list[str | None] = []

    def alive(request: HttpRequest) -> HttpResponse:
        addresses.append(client_address(request))
        return HttpResponse()

    request = WSGIRequest(wsgi_environ(cloudfront("/healthz"), prefix=""))
    FrontMiddleware(alive)(request)
    assert addresses == ["203.0.113.9"]


@pytest.mark.usefixtures("behind_cloudfront")
def test_address_of_the_api_itself_is_refused_beside_cloudfront() -> None:
    event = cloudfront("/accounts/login/")
    event["requestContext"]["identity"]["sourceIp"] = "198.51.100.7"
    event["multiValueHeaders"]["X-Forwarded-For"] = ["130.176.0.1, 198.51.100.7"]
    assert call(event)["statusCode"] == 400


@pytest.mark.usefixtures("behind_cloudfront")
def test_health_check_of_a_load_balancer_is_answered() -> None:
    """The health check has no Host and no X-Forwarded-For, and arrives over http."""
    event = made(BALANCER, path="/healthz", headers={"user-agent": "ELB-HealthChecker/2.0"})
    assert call(event)["statusCode"] == 200
