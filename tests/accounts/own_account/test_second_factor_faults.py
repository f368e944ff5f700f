"""The pages of the second factor while Cognito fails or after the sign-in ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts import encryption
from accounts.models import AuditEvent, BrowserSession, User
from cognito.errors import (
    ClientRefused,
    InvalidParameter,
    NoSuchSecondFactor,
    NotAuthorized,
    OperationNotSupported,
    TooManyRequests,
)
from tests.accounts.own_account.authenticator import (
    CONFIRM,
    OFF,
    PAGE,
    SET_UP,
    begin,
    changes,
    right_code,
    signs_in_with_codes,
    text_of,
)
from tests.support.clock import ends_within
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.deadlines import WITHIN
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

REFRESH = "GetTokensFromRefreshToken"
OUTAGES = ["status:500", "reset", "html", "empty", "InternalErrorException"]


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Browser:
    return browser.signed_in(person)


def test_rotated_refresh_token_is_stored_at_each_step(
    visitor: Browser, person: Person, provider: Provider, clock: Clock
) -> None:
    provider.pool.rotates = True
    # The first refresh uses the token of the sign-in, which ends at once without a grace period.
    field = begin(visitor)
    visitor.post(CONFIRM, {"set_up": field, "code": right_code(person, clock)})
    assert "On</span>" in text_of(visitor.get(PAGE))
    assert visitor.post(OFF).status_code == 302
    assert provider.hits(REFRESH) == 4
    stored = BrowserSession.objects.get().refresh_token
    assert encryption.decrypt(stored) in provider.secrets
    assert provider.pool.live_sign_ins() == 1


def test_rotated_refresh_token_is_stored_if_the_next_call_fails(
    visitor: Browser, provider: Provider
) -> None:
    provider.pool.rotates = True
    provider.behave(get_user="status:500")
    assert visitor.get(PAGE).status_code == 503
    provider.behave()
    assert visitor.get(PAGE).status_code == 200


def test_refresh_for_a_page_renews_the_claims(
    visitor: Browser, person: Person, clock: Clock
) -> None:
    person.groups = ["operators"]
    clock.advance(60)
    visitor.get(PAGE)
    assert User.objects.get().is_staff
    assert BrowserSession.objects.get().groups == ["operators"]
    assert abs(BrowserSession.objects.get().renewed_at - clock.now()) < timedelta(seconds=30)


@pytest.mark.parametrize(("method", "path"), [("GET", PAGE), ("POST", SET_UP), ("POST", OFF)])
def test_session_ends_if_cognito_refuses_the_refresh(
    visitor: Browser, person: Person, method: str, path: str
) -> None:
    person.is_enabled = False
    answer = visitor.generic(method, path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert not BrowserSession.objects.exists()
    assert not visitor.is_signed_in()
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.outcome, event.detail) == ("renewal", "failure", "grant_refused")


@pytest.mark.parametrize("fault", OUTAGES)
@pytest.mark.parametrize("channel", ["refresh", "get_user"])
def test_outage_is_reported_and_ends_no_session(
    visitor: Browser, provider: Provider, channel: str, fault: str
) -> None:
    provider.behave(**{channel: fault})
    answer = visitor.get(PAGE)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "The sign-in service" in text_of(answer)
    assert visitor.is_signed_in()


def test_second_request_in_an_outage_does_not_wait_for_cognito(
    visitor: Browser, provider: Provider, clock: Clock
) -> None:
    provider.behave(refresh="status:500")
    assert visitor.get(PAGE).status_code == 503
    assert visitor.get(PAGE).status_code == 503
    assert provider.hits(REFRESH) == 1
    provider.behave()
    clock.advance(21)
    assert visitor.get(PAGE).status_code == 200
    assert BrowserSession.objects.get().failing_since is None


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize("channel", ["refresh", "begin_totp"])
def test_request_ends_in_time_while_cognito_hangs(
    visitor: Browser, provider: Provider, clock: Clock, settings: Settings, channel: str
) -> None:
    settings.COGNITO_STEP_UP_SECONDS = 600
    clock.advance(301)
    provider.behave(**{channel: "hang"})
    with ends_within(WITHIN):
        assert visitor.post(SET_UP).status_code == 503


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("SoftwareTokenMFANotFoundException", 409, NoSuchSecondFactor.title),
        ("NotAuthorizedException", 409, NotAuthorized.title),
        ("InvalidParameterException", 409, InvalidParameter.title),
        ("TooManyRequestsException", 429, TooManyRequests.title),
        ("ResourceNotFoundException", 503, ClientRefused.title),
    ],
)
def test_refusal_of_cognito_is_shown_on_a_page(
    visitor: Browser, provider: Provider, fault: str, status: int, text: str
) -> None:
    provider.behave(begin_totp=fault)
    answer = visitor.post(SET_UP)
    assert answer.status_code == status
    assert text in text_of(answer)
    assert changes() == []


def test_page_does_not_recommend_to_repeat_an_unsupported_operation(
    visitor: Browser, provider: Provider
) -> None:
    provider.behave(begin_totp="UnknownOperationException")
    answer = visitor.post(SET_UP)
    assert answer.status_code == 501
    assert "Retry-After" not in answer
    assert OperationNotSupported.title in text_of(answer)


def test_second_factor_stays_on_if_the_pool_requires_it(
    visitor: Browser, person: Person, provider: Provider
) -> None:
    person.has_totp = True
    provider.behave(mfa_preference="InvalidParameterException")
    answer = visitor.post(OFF)
    assert answer.status_code == 409
    assert "stays on" in text_of(answer)
    assert (signs_in_with_codes(person), changes()) == (True, [])
