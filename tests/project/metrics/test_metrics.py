"""Metrics of real requests: what they write to the log, and what a scrape shows."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts import process
from accounts.audit import trail
from accounts.metrics.recorder import Metrics
from accounts.process import ProcessState
from accounts.process.revocation_list import RevocationList
from accounts.rate_limits.counters import Counter, Limit
from cognito.testing import TokenFactory
from project.logs.configuration import JsonFormatter
from tests.accounts.test_database_faults import failing
from tests.api.auth.conftest import PASSWORD
from tests.project.metrics.test_log_lines import valid
from tests.project.metrics.test_prometheus import Samples, parsed
from tests.support.caller import Caller
from tests.support.clock import ManualClock
from tests.support.pool_stub import EMAIL, PoolStub
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.provider import Provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keys")]

TOKEN = "0123456789abcdef" * 2
Written = Callable[[], list[dict[str, Any]]]


class Lines(logging.Handler):
    """Keeps each line as it is written, with the id of the running request."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def written(settings: Settings) -> Iterator[Written]:
    """Yield a function for the lines of metrics that were written since the last call."""
    settings.METRICS_SERVICE = "shop-dev"
    handler = Lines()

    def lines() -> list[dict[str, Any]]:
        found, handler.lines = handler.lines, []
        return found

    logger = logging.getLogger("project.metrics")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


@pytest.fixture
def scraped(settings: Settings) -> Callable[[], Samples]:
    """Return a function that scrapes, and returns the samples."""
    settings.METRICS_TOKEN = TOKEN

    def samples() -> Samples:
        response = scrape(f"Bearer {TOKEN}")
        assert response.status_code == 200
        found = parsed(response.content.decode())[2]
        own = ("process", str(os.getpid()))
        assert all(own in labels for _, labels in found)
        return {
            (name, tuple(pair for pair in labels if pair != own)): value
            for (name, labels), value in found.items()
        }

    return samples


def scrape(authorization: str | None = None, **extra: Any) -> HttpResponse:
    headers = {} if authorization is None else {"Authorization": authorization}
    response: HttpResponse = Client().get("/metrics", headers=headers, **extra)  # type: ignore[assignment] # the type stubs name a private class
    return response


def figures(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the metrics of all lines, by name and label. The values of times are left out."""
    found: dict[str, Any] = {}
    for line in lines:
        for directive in line["_aws"]["CloudWatchMetrics"]:
            labels = "".join(f" {line[name]}" for name in directive["Dimensions"][-1][1:])
            for metric in directive["Metrics"]:
                is_time = metric["Unit"] == "Milliseconds"
                found[metric["Name"] + labels] = "time" if is_time else line[metric["Name"]]
    return found


def test_request_without_news_writes_nothing(
    written: Written, call: Caller, tokens: TokenFactory
) -> None:
    token = tokens.access()
    assert call(token).status_code == 200
    written()
    assert call(token).status_code == 200
    assert Client().get("/").status_code == 200
    assert written() == []


def test_sign_in_of_a_browser_is_one_line_for_each_operation(
    written: Written, browser: Browser, settings: Settings
) -> None:
    settings.COGNITO_JWKS = ""
    browser.sign_in()
    lines = written()
    assert figures(lines) == {
        "SignIns success": 1,
        "CognitoLatency TokenEndpoint": "time",
        "CognitoLatency KeySet": "time",
    }
    assert len(lines) == 2
    assert lines[0]["Service"] == "shop-dev"
    assert len(lines[0]["request_id"]) == 32


def test_failed_sign_in_and_unavailable_hosted_ui_are_counted(
    written: Written, browser: Browser, provider: Provider
) -> None:
    provider.behave(token="invalid_grant")
    browser.sign_in()
    assert figures(written()) == {"SignIns failure": 1, "CognitoLatency TokenEndpoint": "time"}
    provider.behave(token="reset")
    assert browser.sign_in().status_code in {502, 503}
    assert figures(written()) == {
        "SignIns failure": 1,
        "CognitoLatency TokenEndpoint": "time",
        "CognitoFailures TokenEndpoint": 1,
    }


def test_renewals_are_counted_by_result(
    written: Written, browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.sign_in()
    written()
    clock.advance(301)
    assert browser.is_signed_in()
    assert figures(written())["Renewals renewed"] == 1
    provider.behave(refresh="reset")
    clock.advance(301)
    assert browser.is_signed_in()
    found = figures(written())
    assert found["Renewals unavailable"] == 1
    assert found["CognitoFailures GetTokensFromRefreshToken"] == 1
    provider.behave(refresh="NotAuthorizedException")
    clock.advance(301)
    assert not browser.is_signed_in()
    assert figures(written())["Renewals ended"] == 1


def test_refused_tokens_are_counted_by_code(
    written: Written, call: Caller, tokens: TokenFactory
) -> None:
    assert call().status_code == 401
    assert figures(written()) == {"Unauthorized not_authenticated": 1}
    assert call("x.y.z").status_code == 401
    assert figures(written()) == {"Unauthorized malformed_token": 1}


def test_throttle_of_cognito_and_own_rate_limit_are_counted(
    written: Written, call: Caller, stub: PoolStub, aws_credentials: None
) -> None:
    def sign_in() -> int:
        body = {"email": EMAIL, "password": PASSWORD}
        return call(None, "/api/v1/auth/sign-in", method="POST", body=body).status_code

    stub.refuse("InitiateAuth", "TooManyRequestsException")
    assert sign_in() == 429
    assert figures(written())["CognitoThrottles InitiateAuth"] == 1
    stub.refuse("InitiateAuth", "NotAuthorizedException")
    while sign_in() == 401:
        found = figures(written())
        assert found["SignIns failure"] == 1
        assert not any("Failures" in name or "Throttles" in name for name in found)
    assert figures(written())["LimitsHit sign-in of"] == 1


def test_lock_is_not_a_limit_that_was_hit(fresh_process: ProcessState) -> None:
    for _ in range(2):
        with Counter("passkey removal of", "ada").locked():
            pass
    assert fresh_process.metrics.drain() == {}
    for _ in range(2):
        Counter("sign-in of", "ada").count(Limit(1, 60))
    assert [label for _, label in fresh_process.metrics.drain()] == ["sign-in of"]


def test_failed_database_and_unrecorded_audit_event_are_counted(
    written: Written, call: Caller, tokens: TokenFactory, fresh_process: ProcessState
) -> None:
    with failing(OperationalError):
        assert call(tokens.access()).status_code == 503
    assert figures(written())["DatabaseFailures"] == 1
    request = RequestFactory().get("/")
    with failing(OperationalError), pytest.raises(OperationalError):
        trail.record(request, trail.Action.SIGN_OUT, trail.Outcome.SUCCESS)
    assert figures_of(fresh_process) == {"AuditFailures": 1}


def figures_of(state: ProcessState) -> dict[str, float]:
    return {metric.name: values[-1] for (metric, _), values in state.metrics.drain().items()}


def test_age_of_the_revocation_list_grows_during_an_outage(tokens: TokenFactory) -> None:
    clock = ManualClock(100.0)
    state = ProcessState(revocations=RevocationList(monotonic=clock))
    process.current = state
    claims = state.verification.verifier.verify(tokens.access(), token_uses=frozenset({"access"}))
    state.revocations.is_revoked(claims)
    assert "RevocationListAge" not in figures_of(state)
    with failing(OperationalError):
        clock.now += 6
        state.revocations.is_revoked(claims)
    assert figures_of(state)["RevocationListAge"] == 6
    clock.now += 2
    state.revocations.is_revoked(claims)
    assert figures_of(state)["RevocationListAge"] == 0


def test_lines_follow_the_format_and_name_no_user(
    written: Written, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in()
    browser.post("/accounts/logout/")
    lines = written()
    person = browser.provider.person
    for line in lines:
        line["_aws"]["Timestamp"] = 1_700_000_000_250
        valid(line)
        text = json.dumps(line)
        assert person.email not in text
        assert person.sub not in text
        assert "/accounts/" not in text


def test_level_of_the_log_does_not_switch_metrics_off() -> None:
    assert logging.getLogger("project.metrics.middleware").getEffectiveLevel() == logging.INFO
    assert logging.getLogger("project.metrics").level == logging.INFO


def test_page_does_not_exist_without_a_token_in_the_settings() -> None:
    for authorization in (None, "Bearer", "Bearer ", f"Bearer {TOKEN}"):
        assert scrape(authorization).status_code == 404


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}0",
        f"Bearer  {TOKEN}",
        f"Basic {TOKEN}",
        f"Bearer {TOKEN.upper()}",
        "Bearer \xff\xfe",
    ],
)
def test_scrape_without_the_token_is_refused(
    scraped: Callable[[], Samples], authorization: str | None
) -> None:
    response = scrape(authorization)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Cache-Control"] == "no-store"
    assert b"gatehouse_" not in response.content
    assert TOKEN.encode() not in response.content


def test_scrape_shows_the_totals_and_changes_nothing(
    scraped: Callable[[], Samples], browser: Browser, settings: Settings
) -> None:
    browser.sign_in()
    first = scraped()
    assert first["gatehouse_sign_ins_total", (("result", "success"),)] == 1
    calls = ("operation", "TokenEndpoint")
    assert first["gatehouse_cognito_call_seconds_count", (calls,)] == 1
    assert first["gatehouse_answer_seconds_count", (("status", "3xx"),)] == 2
    assert scraped() == first


def test_scrape_shows_the_age_of_the_revocation_list(
    scraped: Callable[[], Samples], call: Caller, tokens: TokenFactory
) -> None:
    assert ("gatehouse_revocation_list_age_seconds", ()) not in scraped()
    assert call(tokens.access()).status_code == 200
    assert 0 <= scraped()["gatehouse_revocation_list_age_seconds", ()] < 5


def test_scrape_may_address_the_process_by_any_name_and_over_http(
    scraped: Callable[[], Samples], settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = scrape(f"Bearer {TOKEN}", HTTP_HOST="10.0.0.7:8000")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    post = Client().post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert post.status_code == 405


def test_metrics_that_are_off_have_no_middleware(
    caplog: pytest.LogCaptureFixture, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    drained: list[Metrics] = []
    monkeypatch.setattr(Metrics, "drain", drained.append)
    browser.sign_in()
    assert drained == []
    assert not [one for one in caplog.records if one.name.startswith("project.metrics")]
