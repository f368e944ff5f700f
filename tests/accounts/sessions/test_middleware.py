"""The calls of Cognito for each kind of request when the session is due for renewal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import BrowserSession, User
from accounts.sessions.middleware import BrowserSessionMiddleware
from tests.accounts.leaving import EVERYWHERE, LOGOUT, end_url
from tests.accounts.own_account.authenticator import SET_UP
from tests.support.provider.browser import LOGIN, PROFILE, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.staff_page import STAFF_PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.staff_page")]

REFRESH = "GetTokensFromRefreshToken"
ADMIN_LOGOUT = "/admin/logout/"  # only with console

Address = Callable[[Browser], str]


def at(path: str) -> Address:
    return lambda _: path


def make_due(clock: Clock, provider: Provider, settings: Settings) -> None:
    clock.advance(settings.COGNITO_RENEW_SECONDS + 1)
    provider.received.clear()


def asked(provider: Provider) -> list[str]:
    """Return the calls of Cognito, without fetches of the keys."""
    return [one.name for one in provider.received if one.name != "jwks"]


def test_request_is_passed_on(rf: RequestFactory) -> None:
    answer = HttpResponse("the page")
    assert BrowserSessionMiddleware(lambda _: answer)(rf.get("/")) is answer


@pytest.mark.parametrize("path", ["/", PROFILE, STAFF_PAGE, LOGIN, "/no/such/page"])
def test_request_of_a_due_session_asks_cognito_once(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings, path: str
) -> None:
    browser.signed_in()
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        make_due(clock, provider, settings)
        for _ in range(2):
            browser.generic(method, path)
        assert asked(provider) == [REFRESH], method
        age = abs(BrowserSession.objects.get().renewed_at - clock.now())
        assert age.total_seconds() < 30, method


def test_request_without_need_of_a_session_renews_nothing(
    browser: Browser,
    provider: Provider,
    clock: Clock,
    settings: Settings,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser.signed_in()
    make_due(clock, provider, settings)
    with django_assert_num_queries(0):
        assert browser.get("/api/v1/me").status_code == 401
        assert browser.get("/healthz").status_code == 200
    with django_assert_num_queries(1):
        # The query checks the database. The session is not read.
        assert browser.get("/readyz").status_code == 200
    assert asked(provider) == []


def test_page_of_a_signed_in_user_needs_two_queries_of_its_own(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser.signed_in()
    # The session, and its device with the user. The front page itself needs none.
    with django_assert_num_queries(2):
        assert browser.get("/").status_code == 200


def test_operator_without_the_group_is_denied_on_a_post(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings
) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    person.groups = []
    make_due(clock, provider, settings)
    assert browser.post(STAFF_PAGE).status_code == 403
    assert asked(provider) == [REFRESH]
    assert not User.objects.get().is_staff


@pytest.mark.parametrize("path", [PROFILE, SET_UP, STAFF_PAGE])
def test_user_who_is_disabled_in_the_pool_is_signed_out_by_a_post(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings, path: str
) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    person.is_enabled = False
    make_due(clock, provider, settings)
    browser.post(path)
    assert asked(provider) == [REFRESH]
    assert not BrowserSession.objects.exists()


@pytest.mark.parametrize(
    ("address", "operations"),
    [
        pytest.param(at(LOGOUT), ["RevokeToken"], id="here"),
        pytest.param(at(ADMIN_LOGOUT), ["RevokeToken"], id="admin"),  # only with console
        pytest.param(end_url, ["RevokeToken"], id="this device"),
        # Cognito requires an access token of the user, and this site stores none.
        pytest.param(
            at(EVERYWHERE), [REFRESH, "ListUserSessions", "GlobalSignOut"], id="everywhere"
        ),
    ],
)
def test_due_session_is_not_renewed_before_a_sign_out(  # noqa: PLR0917 # fixtures
    browser: Browser,
    provider: Provider,
    clock: Clock,
    settings: Settings,
    address: Address,
    operations: list[str],
) -> None:
    browser.signed_in(Person(groups=["operators"]))
    path = address(browser)
    make_due(clock, provider, settings)
    assert browser.post(path).status_code == 302
    assert asked(provider) == operations
    assert not BrowserSession.objects.exists()


def test_due_session_is_not_renewed_before_a_sign_out_of_another_device(
    browser: Browser,
    new_browser: NewBrowser,
    provider: Provider,
    clock: Clock,
    settings: Settings,
) -> None:
    browser.signed_in()
    lost = new_browser().signed_in(provider.person)
    make_due(clock, provider, settings)
    assert browser.post(end_url(lost)).status_code == 302
    assert asked(provider) == ["RevokeToken"]
    assert BrowserSession.objects.count() == 1


@pytest.mark.parametrize(
    "path",
    [
        LOGOUT,
        ADMIN_LOGOUT,  # only with console
        EVERYWHERE,
    ],
)
def test_request_to_a_sign_out_path_renews_unless_it_signs_out(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings, path: str
) -> None:
    browser.signed_in()
    make_due(clock, provider, settings)
    assert browser.get(path).status_code == 405
    assert asked(provider) == [REFRESH]
    assert BrowserSession.objects.exists()


def test_staff_rights_in_a_long_outage_are_dropped_only_for_the_request(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in(Person(groups=["operators"]))
    provider.behave(refresh="status:503")
    clock.advance(20 * 60 - 1)
    assert browser.status_of(STAFF_PAGE) == 200
    clock.advance(2)
    assert browser.status_of(STAFF_PAGE) == 403
    assert User.objects.get().is_staff
