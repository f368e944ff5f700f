"""Renewal of sessions while Cognito is unavailable and while clocks are wrong."""

from __future__ import annotations

import pytest
from django.db.models import Sum
from django.test import RequestFactory
from pytest_django import Settings

from accounts.models import AttemptCounter, AuditEvent, BrowserSession, User
from accounts.sessions import renewal
from cognito.testing import TokenFactory, signing_key
from tests.accounts.outcomes import assert_problem_page
from tests.support.clock import ends_within
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.deadlines import WITHIN
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.staff_page import STAFF_PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.staff_page")]

REFRESH = "GetTokensFromRefreshToken"

DUE = 301.0


OUTAGES = [
    "status:500",
    "status:503",
    "InternalErrorException",
    "TooManyRequestsException",
    "ResourceNotFoundException",
    "InvalidParameterException",
    "SomeNewException",
    "reset",
    "truncate",
    "html",
    "empty",
    "array",
    "number",
    "no_result",
    "null_result",
    "no_tokens",
    "redirect:http://127.0.0.1:9/",
]


def test_rotated_refresh_token_is_stored_even_if_the_other_tokens_cannot_be_verified(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings
) -> None:
    provider.pool.rotates = True
    browser.signed_in()
    clock.advance(DUE)
    # A new process has no keys yet, and cannot fetch them.
    settings.COGNITO_JWKS_URL = f"{provider.url}/nothing-here.json"
    assert browser.is_signed_in()
    assert BrowserSession.objects.get().failing_since is not None
    settings.COGNITO_JWKS_URL = provider.jwks_url
    clock.advance(30)
    assert browser.is_signed_in()
    assert BrowserSession.objects.get().failing_since is None


def ask_with_an_unknown_key(browser: Browser, provider: Provider, clock: Clock) -> None:
    """Send a token with an unknown key, so that the process delays the next fetch of keys."""
    attacker = TokenFactory(
        signing_key("attacker"),
        issuer=provider.pool.issuer,
        client_id=provider.pool.client.client_id,
        clock=clock.time,
    )
    answer = browser.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {attacker.access()}")
    assert answer.json()["code"] == "unknown_key"


def test_key_rotated_right_after_an_unknown_one_is_fetched_for_a_renewal(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    ask_with_an_unknown_key(browser, provider, clock)
    provider.pool.key = signing_key("rotated")
    clock.advance(DUE)
    assert browser.is_signed_in()
    assert BrowserSession.objects.get().failing_since is None


def test_key_rotated_right_after_an_unknown_one_is_fetched_for_a_sign_in(
    browser: Browser, new_browser: NewBrowser, provider: Provider, clock: Clock
) -> None:
    new_browser().signed_in_at_hosted_ui()
    ask_with_an_unknown_key(browser, provider, clock)
    provider.pool.key = signing_key("rotated")
    fetches = provider.hits("jwks")
    browser.signed_in_at_hosted_ui()
    assert provider.hits("jwks") == fetches + 1
    # After a second rotation within ten seconds, the fetch is delayed. The sign-in does not count
    # as a failure, and no session ends.
    ask_with_an_unknown_key(browser, provider, clock)
    provider.pool.key = signing_key("rotated again")
    other = new_browser()
    counted = AttemptCounter.objects.aggregate(Sum("count"))
    response = other.sign_in()
    assert_problem_page(response, 503)
    assert int(response["Retry-After"]) >= 1
    assert AttemptCounter.objects.aggregate(Sum("count")) == counted
    clock.advance(DUE)
    assert browser.is_signed_in()
    # The second fetch was for the key of the attacker. None was for the second rotation.
    assert provider.hits("jwks") == fetches + 2


def test_no_fault_of_a_refresh_ends_the_session(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    pk = BrowserSession.objects.get().pk
    clock.advance(DUE)
    for count, fault in enumerate(OUTAGES, start=1):
        provider.behave(refresh=fault)
        session = renewal.renew(RequestFactory().get("/"), pk)
        assert session is not None, fault
        assert session.failing_since is not None, fault
        assert provider.hits(REFRESH) == count, fault
        # A busy pool is asked after a longer pause than one that does not answer.
        clock.advance(61 if fault == "TooManyRequestsException" else 21)
    assert browser.is_signed_in()


@pytest.mark.parametrize("fault", ["status:503", "html"])
def test_outage_ends_no_session(
    browser: Browser, provider: Provider, clock: Clock, fault: str
) -> None:
    browser.signed_in()
    provider.behave(refresh=fault)
    clock.advance(DUE)
    assert browser.is_signed_in()
    assert browser.is_signed_in()
    assert provider.hits(REFRESH) == 1, "only one request in twenty seconds waits for Cognito"
    clock.advance(21)
    assert browser.is_signed_in()
    assert provider.hits(REFRESH) == 2
    provider.behave()
    clock.advance(21)
    assert browser.is_signed_in()
    assert BrowserSession.objects.get().failing_since is None


@pytest.mark.parametrize(("minutes", "survives"), [(14, True), (16, False)])
def test_session_survives_an_outage_of_fifteen_minutes(
    browser: Browser, provider: Provider, clock: Clock, minutes: int, survives: bool
) -> None:
    browser.signed_in()
    provider.behave(refresh="status:503")
    clock.advance(DUE)
    assert browser.is_signed_in()
    clock.advance(minutes * 60)
    assert browser.is_signed_in() is survives
    assert BrowserSession.objects.exists() is survives
    if not survives:
        assert AuditEvent.objects.latest("pk").detail == "cognito_unavailable"


def test_fifteen_minutes_begin_again_with_each_outage(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    for _ in range(3):
        provider.behave(refresh="status:503")
        clock.advance(DUE)
        assert browser.is_signed_in()
        clock.advance(10 * 60)
        provider.behave()
        assert browser.is_signed_in()


def test_old_claims_give_no_staff_rights(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in(Person(groups=["operators"]))
    provider.behave(refresh="status:503")
    clock.advance(4 * 60 * 60)
    assert browser.is_signed_in(), "the outage begins with the first failed renewal"
    assert browser.status_of(STAFF_PAGE) == 403
    assert b"Admin" not in browser.get("/").content
    assert User.objects.get().is_staff, "the row keeps its rights until Cognito answers"
    provider.behave()
    clock.advance(21)
    assert browser.status_of(STAFF_PAGE) == 200


def test_staff_rights_survive_a_short_outage(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in(Person(groups=["operators"]))
    provider.behave(refresh="status:503")
    clock.advance(DUE)
    assert browser.status_of(STAFF_PAGE) == 200
    clock.advance(14 * 60)
    assert browser.status_of(STAFF_PAGE) == 200


def test_request_is_answered_while_its_refresh_hangs(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    provider.behave(refresh="hang")
    clock.advance(DUE)
    with ends_within(WITHIN):
        assert browser.is_signed_in()


@pytest.mark.parametrize("is_failing", [False, True])
def test_clock_set_back_a_day_does_not_prevent_the_renewal(
    browser: Browser, provider: Provider, clock: Clock, is_failing: bool
) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    if is_failing:
        provider.behave(refresh="status:503")
        clock.advance(DUE)
        assert browser.is_signed_in()
        provider.behave()
    person.groups = []
    clock.advance(-24 * 3600)
    assert browser.status_of(STAFF_PAGE) == 403


@pytest.mark.parametrize("seconds", [-30, 30])
def test_slightly_wrong_clock_does_not_prevent_the_renewal(
    browser: Browser, provider: Provider, clock: Clock, seconds: int
) -> None:
    clock.set_wrong_by(seconds)
    browser.signed_in()
    clock.advance(DUE)
    assert browser.is_signed_in()
    assert provider.hits(REFRESH) == 1
