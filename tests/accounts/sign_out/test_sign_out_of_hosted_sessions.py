"""Signing out everywhere ends the sessions at the hosted UI, where the pool tracks sessions."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import AuditEvent
from tests.accounts.leaving import EVERYWHERE, NOT_ALL_ENDED, logged_failures
from tests.support.clock import ends_within
from tests.support.provider.browser import Browser
from tests.support.provider.deadlines import WITHIN
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.provider.sessions import OWN

pytestmark = pytest.mark.django_db

OTHERS = [f"sso{number:025}" for number in (1, 2)]
API = "/api/v1/auth/sign-out-everywhere"


@pytest.fixture
def person() -> Person:
    return Person(hosted_sessions=[*OTHERS, OWN])


def test_browser_ends_the_sessions_of_other_browsers(
    browser: Browser, provider: Provider, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    browser.signed_in(person)
    assert browser.post(EVERYWHERE).status_code == 302
    assert person.hosted_sessions == []
    assert provider.hits("GlobalSignOut") == 1
    assert provider.pool.live_sign_ins() == 0
    revoked = [json.loads(one.body) for one in provider.requests("RevokeUserSession")]
    # The session of this browser must not take the access token along, which is still needed.
    assert [one["RevokeAssociatedSessions"] for one in revoked] == ["LINKED", "LINKED", "NONE"]
    assert "Sessions at the hosted UI ended: 3" in caplog.text
    assert AuditEvent.objects.filter(action="sign_out_everywhere").count() == 1


def test_bearer_ends_the_sessions_as_well(
    browser: Browser, provider: Provider, person: Person
) -> None:
    browser.signed_in(person)
    (token,) = provider.pool.access_tokens
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().post(API, headers=headers).status_code == 204
    assert person.hosted_sessions == []
    assert provider.hits("GlobalSignOut") == 1


def test_pool_without_tracking_has_nothing_to_end(
    browser: Browser,
    provider: Provider,
    person: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    person.hosted_sessions = None
    browser.signed_in(person)
    browser.post(EVERYWHERE)
    assert provider.hits("RevokeUserSession") == 0
    assert provider.pool.live_sign_ins() == 0
    assert "sessions at the hosted UI" not in caplog.text


@pytest.mark.parametrize(
    "faults",
    [
        {operation: fault}
        for operation in ("list_sessions", "revoke_session")
        for fault in ("status:500", "html", "TooManyRequestsException", "reset")
    ],
)
def test_fault_does_not_prevent_the_sign_out(
    browser: Browser,
    provider: Provider,
    person: Person,
    caplog: pytest.LogCaptureFixture,
    faults: dict[str, str],
) -> None:
    browser.signed_in(person)
    provider.behave(**faults)
    assert browser.post(EVERYWHERE).status_code == 302
    assert provider.pool.live_sign_ins() == 0
    ((line, *_),) = logged_failures(caplog)
    assert line == NOT_ALL_ENDED


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["list_sessions", "revoke_session"])
def test_sign_ins_end_in_time_while_the_sessions_hang(
    browser: Browser, provider: Provider, person: Person, operation: str
) -> None:
    browser.signed_in(person)
    provider.behave(**{operation: "hang"})
    with ends_within(WITHIN):
        assert browser.post(EVERYWHERE).status_code == 302
    assert provider.pool.live_sign_ins() == 0


def test_session_that_has_ended_is_no_error(
    browser: Browser, provider: Provider, person: Person
) -> None:
    browser.signed_in(person)
    provider.behave(revoke_session="ResourceNotFoundException")
    browser.post(EVERYWHERE)
    assert provider.hits("RevokeUserSession") == 3
    assert provider.pool.live_sign_ins() == 0
