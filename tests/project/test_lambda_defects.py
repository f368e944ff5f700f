"""A defect in a view, as a client of the gateway sees it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from accounts.own_account import pages
from tests.project.aws_lambda.test_gateway_event import HTTP, made
from tests.project.test_lambda_entry import call, rest
from tests.support.environment import VARIABLES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]

SECRETS = (
    "DJANGO_SECRET_KEY",
    "COGNITO_CLIENT_ID",
    "COGNITO_CLIENT_SECRET",
    "COGNITO_USER_POOL_ID",
)
NEVER_SHOWN = ["Traceback", "secret", "project/", "stackTrace", *map(VARIABLES.get, SECRETS)]


def broken(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError("something secret")


def assert_tells_nothing(answer: dict[str, Any], *, media_type: str) -> None:
    assert answer["statusCode"] == 500
    headers = answer.get("multiValueHeaders") or {k: [v] for k, v in answer["headers"].items()}
    assert headers["Content-Type"][0].startswith(media_type)
    assert headers["Cache-Control"] == ["no-store"]
    assert not [word for word in NEVER_SHOWN if str(word) in str(answer)]


def test_error_of_the_api_is_a_problem_that_reveals_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = made(
        HTTP, rawPath="/api/v1/raises/defect", headers={"host": "localhost:8000"}, cookies=[]
    )
    for answer in (call(rest("/api/v1/raises/defect")), call(event)):
        assert_tells_nothing(answer, media_type="application/problem+json")
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all(one.exc_info for one in errors), "operators are told"


def test_error_of_a_page_is_a_page_that_reveals_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "render", broken)
    assert_tells_nothing(call(rest("/accounts/logged-out/")), media_type="text/html")
