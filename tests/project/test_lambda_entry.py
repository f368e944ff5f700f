"""The function as Lambda calls it, in this process; tests/e2e/test_deployed.py has it in Lambda."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse

from infra.environments import ROOT
from project import lambda_entry
from tests.project.test_gateway_event import HTTP, REST, made

# Every request ends with a look at the database connections.
pytestmark = pytest.mark.django_db


@dataclass
class Context:
    aws_request_id: str = "lambda-request-1"


def call(event: dict[str, Any]) -> dict[str, Any]:
    return lambda_entry.handler(event, Context())


def rest(path: str, **changes: Any) -> dict[str, Any]:
    headers = {"Host": ["localhost:8000"]} | changes.pop("multiValueHeaders", {})
    return made(REST, path=path, multiValueHeaders=headers, **changes)


def test_a_request_is_answered_and_logged_with_its_ids(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    secret = {"code": ["a-secret-code"]}
    answer = call(rest("/healthz", multiValueQueryStringParameters=secret))
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"status": "ok"}
    assert "GET /healthz 200" in caplog.text
    assert "lambda-request-1" in caplog.text
    assert "a-secret-code" not in caplog.text


def test_an_http_api_is_answered_too() -> None:
    event = made(HTTP, rawPath="/healthz", headers={"host": "localhost:8000"})
    assert call(event)["statusCode"] == 200


@pytest.mark.parametrize(
    "path", ["/%61dmin/", "/%2561dmin/", "/api/%2e%2e/admin/", "//admin/", "/admin;x/"]
)
def test_there_is_no_other_way_to_the_admin(path: str) -> None:
    assert call(rest(path))["statusCode"] == 404


def test_keys_of_a_body_are_no_commands() -> None:
    body = json.dumps({"raw_command": "1/0", "command": "os.getcwd", "manage": "flush"})
    event = rest(
        "/accounts/login/",
        httpMethod="POST",
        body=body,
        multiValueHeaders={"Content-Type": ["application/json"]},
    )
    assert call(event)["statusCode"] in {403, 405}


def test_an_event_with_a_request_context_is_a_request_whatever_else_it_has() -> None:
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


def test_a_management_command_tells_what_it_did() -> None:
    assert "[X] 0001_initial" in call({"manage": "showmigrations accounts"})["output"]


def test_schedules_clear_what_expired_or_keep_warm() -> None:
    rule = "arn:aws:events:eu-west-1:000000000000:rule/gatehouse-dev-"
    scheduled = {"detail-type": "Scheduled Event"}
    cleared = call(scheduled | {"resources": [f"{rule}project.lambda_entry.clear_expired"]})
    assert "deleted" in cleared["output"]
    warmed = call(scheduled | {"resources": [f"{rule}zappa-keep-warm-handler.keep_warm_callback"]})
    assert warmed == {}


def test_a_body_that_is_no_base64_is_a_400() -> None:
    assert call(rest("/healthz", body="***", isBase64Encoded=True))["statusCode"] == 400


def test_too_large_an_answer_is_a_500_and_logged(
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
