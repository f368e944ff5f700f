"""A database that fails, is locked or is read-only at any moment of a sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)

from accounts.models import AuditEvent, BrowserSession, User
from accounts.process.revocation_list import RevocationsUnavailable
from accounts.sessions.store import SessionStore
from cognito.errors import CognitoError
from tests.support.provider.browser import PROFILE, Browser
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

# The errors of the drivers: no or no more connections, or a lock; a lost connection; a read-only
# replica.
OUTAGES = pytest.mark.parametrize("kind", [OperationalError, InterfaceError, InternalError])
# More than the number of queries of a sign-in, which is above twenty for a new user.
MANY = 60

# pytest-django runs other tests inside a transaction, which a failed query would break.
# `serialized_rollback` restores the rows of the migrations afterwards.
WITH_ITS_OWN_TRANSACTIONS = pytest.mark.django_db(transaction=True, serialized_rollback=True)


class Fault:
    """Fails the queries whose number `fails` selects. The first query has number 1."""

    def __init__(self, kind: type[Exception], fails: Callable[[int], bool]) -> None:
        self.kind = kind
        self.fails = fails
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.fails(self.count):
            raise self.kind("something secret about the database")
        return execute(sql, params, many, context)


@contextmanager
def failing(
    kind: type[Exception], fails: Callable[[int], bool] = lambda _: True
) -> Iterator[Fault]:
    fault = Fault(kind, fails)
    with connection.execute_wrapper(fault):
        yield fault


def assert_unavailable(response: Any) -> None:
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert b"The database is unavailable." in response.content
    assert b"secret" not in response.content


@OUTAGES
def test_callback_without_a_database_keeps_the_code_usable(
    browser: Browser, provider: Provider, kind: type[Exception]
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    with failing(kind):
        assert_unavailable(browser.come_back(callback))
    assert provider.hits("/oauth2/token") == 0
    assert browser.come_back(callback).status_code == 302, (
        "the same callback works after the outage"
    )
    assert browser.is_signed_in()


def test_sign_in_can_begin_without_a_database(browser: Browser) -> None:
    with failing(OperationalError):
        assert browser.get("/").status_code == 200
        assert browser.get("/healthz").status_code == 200
        assert browser.get("/readyz").status_code == 503
        callback = browser.visit_hosted_ui(browser.begin())
    assert browser.come_back(callback).status_code == 302


@OUTAGES
def test_outage_of_the_database_ends_no_session(browser: Browser, kind: type[Exception]) -> None:
    browser.signed_in()
    with failing(kind):
        for path in ("/", PROFILE, "/admin/"):
            assert_unavailable(browser.get(path))
        assert_unavailable(browser.post("/accounts/logout/"))
        assert browser.get("/healthz").status_code == 200
    assert browser.is_signed_in()


@WITH_ITS_OWN_TRANSACTIONS
def test_failure_of_any_query_rolls_the_sign_in_back(
    new_browser: NewBrowser, provider: Provider
) -> None:
    failures = 0
    for number in range(1, MANY):
        person = Person(groups=["operators"])
        provider.person = person
        browser = new_browser()
        callback = browser.visit_hosted_ui(browser.begin())
        with failing(OperationalError, number.__eq__) as fault:
            response = browser.come_back(callback)
        if fault.count < number:
            assert response.status_code == 302
            break
        failures += 1
        assert_unavailable(response)
        assert not browser.is_signed_in()
        stored = {
            User.objects.filter(sub=person.sub, is_staff=True, groups__name="operators").exists(),
            BrowserSession.objects.filter(user__sub=person.sub).exists(),
            AuditEvent.objects.filter(actor_sub=person.sub, action="sign_in").exists(),
        }
        assert len(stored) == 1, "the sign-in must be stored completely or not at all"
        assert User.objects.filter(sub=person.sub).exists() in stored
        browser.signed_in_at_hosted_ui(person)
    else:
        raise AssertionError(f"a sign-in has more than {MANY} queries")
    assert failures > 10


@WITH_ITS_OWN_TRANSACTIONS
def test_failure_of_any_query_of_a_sign_out_gives_a_redirect_or_a_503(
    new_browser: NewBrowser,
) -> None:
    for number in range(1, MANY):
        browser = new_browser().signed_in(Person())
        with failing(OperationalError, number.__eq__) as fault:
            response = browser.post("/accounts/sessions/end-all/")
        assert response.status_code in {302, 503}
        if fault.count < number:
            assert response.status_code == 302
            assert not browser.is_signed_in()
            break
    else:
        raise AssertionError(f"a sign-out has more than {MANY} queries")


def test_bearer_token_without_a_database_gets_a_503_with_retry_after(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    browser.signed_in()
    (token,) = provider.pool.access_tokens
    with failing(OperationalError):
        response = browser.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "revocations_unavailable"
    assert int(response["Retry-After"]) > 0
    assert "The database is unavailable: OperationalError" in caplog.text
    assert "Cognito" not in caplog.text
    assert not issubclass(RevocationsUnavailable, CognitoError)


@pytest.mark.parametrize("kind", [OperationalError, InternalError])
def test_session_that_cannot_be_saved_is_an_outage_and_not_a_bad_request(
    kind: type[Exception],
) -> None:
    store = SessionStore()
    store.create()
    store["anything"] = True
    with failing(kind, lambda number: number > 1), pytest.raises(kind):
        store.save()


@pytest.mark.parametrize("kind", [ProgrammingError, DatabaseError])
def test_programming_error_is_a_500_and_not_an_outage(
    browser: Browser, kind: type[Exception]
) -> None:
    browser.signed_in()
    with failing(kind):
        response = browser.get(PROFILE)
    assert response.status_code == 500
    assert "Retry-After" not in response
    assert b"secret" not in response.content
