"""Sign-out of this device, another device or all devices, also while Cognito fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import process
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.process.revocation_list import RevocationList
from accounts.sign_out import sign_out
from tests.accounts.leaving import (
    EVERYWHERE,
    LOGOUT,
    NOT_REVOKED,
    NOT_SIGNED_OUT,
    assert_leads_to_the_hosted_uis_logout,
    end_url,
    logged_failures,
)
from tests.support.clock import ends_within
from tests.support.database_steps import recorded_steps
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.deadlines import WITHIN
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db


OUTAGES = ["status:500", "reset", "html", "InternalErrorException", "TooManyRequestsException"]

IsAccepted = Callable[[str], bool]


@pytest.fixture
def is_accepted(provider: Provider) -> IsAccepted:
    """Checks whether the API accepts a bearer token, in a process with the newest revocations."""

    def ask(access_token: str) -> bool:
        process.current.revocations = RevocationList()
        headers = {"Authorization": f"Bearer {access_token}"}
        response = Client().get("/api/v1/me", headers=headers)
        assert response.status_code in {200, 401}
        if response.status_code == 401:
            assert response.json()["code"] == "token_revoked"
        return response.status_code == 200

    return ask


def test_sign_out_ends_the_session_on_this_site_and_at_cognito(
    browser: Browser, provider: Provider, settings: Settings, is_accepted: IsAccepted
) -> None:
    browser.signed_in()
    (access_token,) = provider.pool.access_tokens
    assert is_accepted(access_token)
    response = browser.post(LOGOUT)
    assert_leads_to_the_hosted_uis_logout(response, settings)
    assert response["Cache-Control"] == "no-store"
    assert settings.SESSION_COOKIE_NAME not in browser.cookies
    assert not BrowserSession.objects.exists()
    assert provider.hits("RevokeToken") == 1
    assert provider.pool.live_sign_ins() == 0
    assert not is_accepted(access_token)
    assert not browser.is_signed_in()
    back = browser.visit_hosted_ui(response["Location"])
    assert back == "http://localhost:8000/accounts/logged-out/"
    assert b"You are signed out" in browser.get("/accounts/logged-out/").content


def test_cookie_of_an_ended_session_is_refused(browser: Browser, new_browser: NewBrowser) -> None:
    browser.signed_in()
    thief = new_browser()
    thief.cookies.load(browser.cookie_header)
    assert thief.is_signed_in()
    browser.post(LOGOUT)
    assert not thief.is_signed_in()


def test_second_sign_out_causes_neither_an_error_nor_a_call(
    browser: Browser, new_browser: NewBrowser, provider: Provider, settings: Settings
) -> None:
    assert_leads_to_the_hosted_uis_logout(new_browser().post(LOGOUT), settings)
    assert provider.received == []
    browser.signed_in()
    for _ in range(2):
        assert_leads_to_the_hosted_uis_logout(browser.post(LOGOUT), settings)
    assert provider.hits("RevokeToken") == 1
    assert AuditEvent.objects.filter(action="sign_out").count() == 1


@pytest.mark.parametrize("fault", [*OUTAGES, "NotAuthorizedException"])
def test_outage_does_not_prevent_a_sign_out(
    *,
    browser: Browser,
    provider: Provider,
    settings: Settings,
    is_accepted: IsAccepted,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    browser.signed_in()
    provider.behave(revoke=fault)
    assert_leads_to_the_hosted_uis_logout(browser.post(LOGOUT), settings)
    assert not browser.is_signed_in()
    assert provider.hits("RevokeToken") == 1
    assert not is_accepted(provider.pool.access_tokens[0])
    # Cognito refuses a refresh token that is revoked already.
    expected = [] if fault == "NotAuthorizedException" else [NOT_REVOKED]
    assert [line for line, *_ in logged_failures(caplog)] == expected


@pytest.mark.slow
def test_sign_out_ends_in_time_while_cognito_hangs(
    browser: Browser, provider: Provider, settings: Settings
) -> None:
    browser.signed_in()
    provider.behave(idp="hang")
    with ends_within(WITHIN):
        assert_leads_to_the_hosted_uis_logout(browser.post(LOGOUT), settings)


@pytest.mark.slow
@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize("fault", ["hang", "header_drip:0.1"])
@pytest.mark.parametrize("path", [LOGOUT, EVERYWHERE])
@pytest.mark.parametrize("is_due", [False, True], ids=["renewed", "renewal_due"])
def test_sign_out_waits_for_cognito_once(  # noqa: PLR0917 # fixtures
    browser: Browser,
    provider: Provider,
    settings: Settings,
    clock: Clock,
    path: str,
    fault: str,
    is_due: bool,
) -> None:
    browser.signed_in()
    provider.behave(idp=fault)
    if is_due:
        clock.advance(settings.COGNITO_RENEW_SECONDS + 1)
    provider.received.clear()
    response = browser.post(path)
    first = "RevokeToken" if path == LOGOUT else "GetTokensFromRefreshToken"
    assert [one.name for one in provider.received] == [first]
    assert_leads_to_the_hosted_uis_logout(response, settings)
    assert not browser.is_signed_in()


@pytest.mark.slow
def test_two_calls_of_a_sign_out_everywhere_share_the_time(
    browser: Browser, provider: Provider
) -> None:
    browser.signed_in()
    provider.behave(refresh="delay:1", global_sign_out="hang")
    with ends_within(WITHIN):
        assert browser.post(EVERYWHERE).status_code == 302
    assert provider.hits("GlobalSignOut") == 1
    assert not browser.is_signed_in()


def test_unconfirmed_revocation_lasts_for_the_lifetime_of_a_refresh_token(
    browser: Browser, provider: Provider, settings: Settings
) -> None:
    settings.COGNITO_REFRESH_TOKEN_DAYS = 400
    browser.signed_in()
    browser.post(LOGOUT)
    told = Revocation.objects.get()
    assert told.expires_at - told.signed_in_until < timedelta(hours=25)
    Revocation.objects.all().delete()
    browser.signed_in()
    provider.behave(revoke="status:500")
    browser.post(LOGOUT)
    untold = Revocation.objects.get()
    # The last bearer token from the refresh token is valid for another day.
    assert untold.expires_at - untold.signed_in_until >= timedelta(days=401)


@pytest.mark.parametrize(("path", "line"), [(LOGOUT, NOT_REVOKED), (EVERYWHERE, NOT_SIGNED_OUT)])
def test_undecryptable_refresh_token_does_not_prevent_a_sign_out(
    *,
    browser: Browser,
    provider: Provider,
    settings: Settings,
    is_accepted: IsAccepted,
    caplog: pytest.LogCaptureFixture,
    path: str,
    line: str,
) -> None:
    browser.signed_in()
    settings.TOKEN_ENCRYPTION_KEYS = ("b" * 43 + "=",)
    assert browser.post(path).status_code == 302
    assert not browser.is_signed_in()
    assert provider.hits("RevokeToken") == provider.hits("GlobalSignOut") == 0
    assert not is_accepted(provider.pool.access_tokens[0])
    assert logged_failures(caplog) == [(line, "undecryptable_token", "")]


def test_another_device_can_be_signed_out(
    browser: Browser, new_browser: NewBrowser, provider: Provider, is_accepted: IsAccepted
) -> None:
    person = Person()
    browser.signed_in(person)
    lost = new_browser().signed_in(person)
    here, there = provider.pool.access_tokens
    response = browser.post(end_url(lost))
    assert (response.status_code, response["Location"]) == (302, "/accounts/profile/devices/")
    assert not lost.is_signed_in()
    assert browser.is_signed_in()
    assert is_accepted(here)
    assert not is_accepted(there)
    assert provider.hits("RevokeToken") == 1
    assert provider.pool.live_sign_ins() == 1
    assert AuditEvent.objects.latest("pk").action == "sign_out_device"
    assert browser.post(end_url(browser)).status_code == 302
    assert not browser.is_signed_in()


def test_sign_out_of_this_device_in_the_list_works_like_the_button(
    browser: Browser, settings: Settings
) -> None:
    browser.signed_in()
    assert_leads_to_the_hosted_uis_logout(browser.post(end_url(browser)), settings)
    assert not browser.is_signed_in()


def test_sign_out_everywhere_ends_every_session_and_revokes_every_token(
    browser: Browser,
    new_browser: NewBrowser,
    provider: Provider,
    clock: Clock,
    is_accepted: IsAccepted,
) -> None:
    person, neighbour = Person(), Person()
    browser.signed_in(person)
    other = new_browser().signed_in(person)
    bystander = new_browser().signed_in(neighbour)
    mine, also_mine, not_mine = provider.pool.access_tokens
    assert all(map(is_accepted, (mine, also_mine, not_mine)))
    assert browser.post(EVERYWHERE)["Location"].startswith(f"{provider.url}/logout?")
    assert not browser.is_signed_in()
    assert not other.is_signed_in()
    assert not is_accepted(mine)
    assert not is_accepted(also_mine)
    assert bystander.is_signed_in()
    assert is_accepted(not_mine)
    assert provider.hits("GlobalSignOut") == 1
    assert provider.pool.live_sign_ins() == 1
    clock.advance(2)
    browser.signed_in(person)
    assert browser.is_signed_in()
    assert is_accepted(provider.pool.access_tokens[-1]), "the new sign-in is not revoked"
    assert not is_accepted(mine)


def test_token_that_was_refreshed_after_a_sign_out_everywhere_is_refused(
    browser: Browser,
    new_browser: NewBrowser,
    provider: Provider,
    clock: Clock,
    is_accepted: IsAccepted,
) -> None:
    person = Person()
    browser.signed_in(person)
    elsewhere = new_browser().signed_in(person)
    refresh_token = next(one for one in provider.secrets if one.count(".") == 4)
    draft = provider.pool.refresh(refresh_token)
    provider.behave(global_sign_out="status:500")
    browser.post(EVERYWHERE)
    clock.advance(60)
    late = draft.access_token()
    provider.pool.secrets.add(late)
    assert not is_accepted(late)
    assert not elsewhere.is_signed_in()


@pytest.mark.slow
@pytest.mark.parametrize("fault", OUTAGES)
@pytest.mark.parametrize("operation", ["refresh", "global_sign_out"])
def test_outage_does_not_prevent_a_sign_out_everywhere(
    *,
    browser: Browser,
    new_browser: NewBrowser,
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
    operation: str,
    fault: str,
) -> None:
    person = Person()
    browser.signed_in(person)
    other = new_browser().signed_in(person)
    provider.behave(**{operation: fault})
    assert browser.post(EVERYWHERE).status_code == 302
    assert not other.is_signed_in()
    assert not BrowserSession.objects.exists()
    revocation = Revocation.objects.get()
    assert revocation.expires_at - revocation.signed_in_until > timedelta(days=30)
    assert [line for line, *_ in logged_failures(caplog)] == [NOT_SIGNED_OUT]


def test_session_without_a_refresh_token_can_be_signed_out(
    browser: Browser, new_browser: NewBrowser, provider: Provider, is_accepted: IsAccepted
) -> None:
    provider.behave(token="refresh_missing")
    person = Person()
    other = new_browser().signed_in(person)
    browser.signed_in(person)
    other.post(LOGOUT)
    browser.post(EVERYWHERE)
    assert not any(map(is_accepted, provider.pool.access_tokens))
    assert provider.hits("RevokeToken") == provider.hits("GlobalSignOut") == 0


def test_session_without_origin_jti_can_be_signed_out(browser: Browser, provider: Provider) -> None:
    provider.behave(token="no_origin_jti")
    browser.signed_in()
    assert browser.post(LOGOUT).status_code == 302
    assert not browser.is_signed_in()
    assert not Revocation.objects.exists()
    assert provider.hits("RevokeToken") == 1


A_DAY = timedelta(hours=24, minutes=30)


@pytest.mark.parametrize("path", [LOGOUT, EVERYWHERE])
def test_revocation_that_cognito_confirmed_ends_with_the_last_bearer_token(
    browser: Browser, new_browser: NewBrowser, provider: Provider, path: str
) -> None:
    neighbour = new_browser().signed_in(Person())
    provider.behave(revoke="status:500")
    neighbour.post(LOGOUT)
    unconfirmed = Revocation.objects.get()
    provider.behave()
    browser.signed_in(Person())
    browser.post(path)
    confirmed = Revocation.objects.exclude(pk=unconfirmed.pk).get()
    assert confirmed.expires_at - confirmed.signed_in_until == A_DAY
    unconfirmed.refresh_from_db()
    assert unconfirmed.expires_at - unconfirmed.signed_in_until == timedelta(days=30) + A_DAY


@pytest.mark.parametrize(("is_confirmed", "days"), [(True, 0), (False, 30)])
def test_revocation_by_an_operator_lasts_as_long_as_cognito_can_issue_tokens(
    browser: Browser, new_browser: NewBrowser, is_confirmed: bool, days: int
) -> None:
    person = Person()
    other = new_browser().signed_in(Person())
    browser.signed_in(person)
    issuer = User.objects.get(sub=person.sub).issuer
    User.objects.create(issuer="https://other.example", sub=person.sub)
    for _ in range(2):
        sign_out.sign_out_by_operator(
            issuer=issuer, sub=person.sub, is_signed_out_at_cognito=is_confirmed
        )
        revocation = Revocation.objects.get()
        assert (revocation.issuer, revocation.sub) == (issuer, person.sub)
        lasts = revocation.expires_at - revocation.signed_in_until
        assert lasts == timedelta(days=days) + A_DAY
    assert not browser.is_signed_in()
    assert other.is_signed_in()


@pytest.mark.parametrize("everywhere", [False, True])
def test_sign_out_locks_the_sessions_before_it_deletes_them(
    browser: Browser, everywhere: bool
) -> None:
    browser.signed_in()
    with recorded_steps() as steps:
        browser.post(EVERYWHERE if everywhere else LOGOUT)
    locked = steps.index("lock accounts_browsersession")
    deleted = steps.index("delete accounts_browsersession")
    revoked = steps.index("insert accounts_revocation")
    assert locked < deleted < revoked


def test_sign_out_everywhere_ends_the_sessions_of_one_user_of_one_pool(browser: Browser) -> None:
    person = Person()
    browser.signed_in(person)
    user = User.objects.get()
    now = timezone.now()
    times = {"signed_in_at": now, "last_seen_at": now, "renewed_at": now}
    kept = {
        BrowserSession.objects.create(
            user=User.objects.create(issuer=issuer, sub=sub), **times, address=None
        )
        for issuer, sub in [(user.issuer, "other"), ("https://other.example", user.sub)]
    }
    browser.post(EVERYWHERE)
    assert set(BrowserSession.objects.all()) == kept


def test_every_kind_of_sign_out_is_recorded(browser: Browser, new_browser: NewBrowser) -> None:
    person = Person()
    browser.signed_in(person).post(LOGOUT)
    browser.signed_in(person)
    browser.post(end_url(new_browser().signed_in(person)))
    browser.post(EVERYWHERE)
    actions = AuditEvent.objects.filter(action__startswith="sign_out").values_list(
        "action", "outcome", "actor_sub", "subject_sub"
    )
    assert list(actions.order_by("pk")) == [
        (action, "success", person.sub, person.sub)
        for action in ("sign_out", "sign_out_device", "sign_out_everywhere")
    ]
