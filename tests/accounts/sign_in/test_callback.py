"""Callbacks from the hosted UI that are invalid, repeated or failed (RFC 9700, RFC 6749)."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.utils.html import escape
from pytest_django import Settings

from accounts import conf
from accounts.models import AttemptCounter, AuditEvent, BrowserSession, UsedLogin, User
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from accounts.sign_out import sign_out
from accounts.sign_out.everyone import sign_out_everyone
from cognito.hosted_ui.endpoints import logout_url
from tests.accounts.outcomes import (
    assert_no_user_is_signed_in,
    assert_problem_page,
    assert_the_next_sign_in_works,
)
from tests.support.provider.authorize_faults import NEVER_EXCHANGED
from tests.support.provider.browser import CALLBACK, PROFILE, Browser, parameters
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fault", NEVER_EXCHANGED)
def test_invalid_callback_gets_a_problem_page(
    browser: Browser, provider: Provider, fault: str
) -> None:
    provider.behave(authorize=fault)
    response = browser.sign_in()
    assert_problem_page(response, 400)
    assert "<script>" not in response.content.decode()
    assert provider.hits("/oauth2/token") == 0
    assert_no_user_is_signed_in(browser)


def test_invalid_callbacks_do_not_prevent_the_next_sign_in(
    browser: Browser, provider: Provider
) -> None:
    for fault in NEVER_EXCHANGED:
        provider.behave(authorize=fault)
        assert browser.sign_in().status_code == 400, fault
    assert_the_next_sign_in_works(browser)


def test_invalid_callback_keeps_the_session_of_a_signed_in_browser(
    browser: Browser, provider: Provider
) -> None:
    browser.signed_in_at_hosted_ui()
    provider.received.clear()
    for fault in NEVER_EXCHANGED:
        provider.behave(authorize=fault)
        assert browser.sign_in(next_path=PROFILE).status_code in {302, 400}, fault
        assert provider.hits("/oauth2/token") == 0, fault
        assert browser.is_signed_in(), fault
        assert BrowserSession.objects.count() == 1, fault


@pytest.mark.parametrize("fault", ["empty_state", "two_states", "long_state"])
def test_malformed_state_is_refused_for_a_signed_in_browser(
    browser: Browser, provider: Provider, fault: str
) -> None:
    browser.signed_in_at_hosted_ui()
    provider.behave(authorize=fault)
    assert_problem_page(browser.sign_in(next_path=PROFILE), 400)
    assert browser.is_signed_in()


def test_callback_of_an_attacker_signs_no_user_in(
    browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    attacker = new_browser()
    provider.person = Person(email="mallory@example.com")
    trap = attacker.visit_hosted_ui(attacker.begin())
    browser.begin()
    assert_problem_page(browser.come_back(trap), 400)
    assert provider.hits("/oauth2/token") == 0
    assert_no_user_is_signed_in(browser)
    assert attacker.come_back(trap).status_code == 302, "the code is still valid"


def test_callback_works_once(browser: Browser, new_browser: NewBrowser, provider: Provider) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    assert browser.come_back(callback).status_code == 302
    again = browser.come_back(callback)
    assert (again.status_code, again["Location"]) == (302, "/")
    assert browser.is_signed_in()
    assert_problem_page(new_browser().come_back(callback), 400)
    assert provider.hits("/oauth2/token") == 1


def test_used_callback_is_refused_with_a_copied_cookie(
    browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    thief = new_browser()
    thief.cookies.load(browser.cookies)
    assert browser.come_back(callback).status_code == 302
    assert_problem_page(thief.come_back(callback), 400)
    assert provider.hits("/oauth2/token") == 1


def test_failed_callback_cannot_be_repeated(browser: Browser, provider: Provider) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    provider.behave(token="status:503")
    cookies = browser.cookie_header
    assert_problem_page(browser.come_back(callback), 502)
    provider.behave()
    browser.cookies.load(cookies)
    assert_problem_page(browser.come_back(callback), 400)
    assert provider.hits("/oauth2/token") == 1
    assert_no_user_is_signed_in(browser)


@pytest.mark.parametrize(("minutes", "status"), [(14, 302), (16, 400)])
def test_sign_in_expires_after_fifteen_minutes(
    browser: Browser, provider: Provider, clock: Clock, minutes: int, status: int
) -> None:
    address = browser.begin()
    clock.advance(minutes * 60)
    response = browser.come_back(browser.visit_hosted_ui(address))
    assert response.status_code == status
    assert provider.hits("/oauth2/token") == (1 if status == 302 else 0)
    if status == 400:
        assert_problem_page(response, 400)


def test_refusal_uses_up_the_login_transaction(browser: Browser, provider: Provider) -> None:
    provider.behave(authorize="access_denied")
    response = browser.sign_in()
    assert b"cancelled or refused" in response.content
    assert not [name for name in browser.cookies if "login" in name]
    assert UsedLogin.objects.count() == 1


def test_error_with_another_state_does_not_end_a_sign_in(
    browser: Browser, provider: Provider
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    state = parameters(callback)["state"]
    forged = f"{CALLBACK}?error=access_denied&state={state[::-1]}"
    assert_problem_page(browser.come_back(forged), 400)
    assert browser.come_back(callback).status_code == 302
    assert browser.is_signed_in()


def test_unknown_code_gets_a_problem_page(browser: Browser, provider: Provider) -> None:
    provider.behave(authorize="unknown_code")
    assert_problem_page(browser.sign_in(), 400)
    assert provider.hits("/oauth2/token") == 1
    assert_no_user_is_signed_in(browser)


@pytest.mark.parametrize("name", ["cognito-idp", "issuer-cognito-idp"])
def test_issuer_of_the_pool_in_the_callback_is_accepted(
    browser: Browser, provider: Provider, name: str
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    issuer = provider.pool.issuer.replace("cognito-idp", name)
    assert browser.come_back(f"{callback}&iss={issuer}").status_code == 302


def test_repeated_issuer_is_refused(browser: Browser, provider: Provider) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    twice = f"{callback}&iss=https://evil.example&iss={provider.pool.issuer}"
    assert_problem_page(browser.come_back(twice), 400)
    assert provider.hits("/oauth2/token") == 0


def test_head_and_prefetch_do_not_use_up_the_code(browser: Browser, provider: Provider) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    path = callback.removeprefix("http://localhost:8000")
    assert browser.head(path).status_code == 405
    guess = browser.come_back(callback, HTTP_SEC_PURPOSE="prefetch;prerender")
    assert guess.status_code == 503
    assert provider.hits("/oauth2/token") == 0
    assert browser.come_back(callback).status_code == 302
    assert browser.is_signed_in()


def test_post_to_the_callback_is_refused(browser: Browser, provider: Provider) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    path = callback.removeprefix("http://localhost:8000")
    assert browser.post(path).status_code == 405
    assert provider.hits("/oauth2/token") == 0


@pytest.fixture
def few_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower a limit, so that a test reaches it sooner."""
    monkeypatch.setattr(limits, "CALLBACK", limits.CALLBACK._replace(attempts=5))


def test_limit_of_failed_callbacks() -> None:
    assert (limits.CALLBACK.attempts, limits.CALLBACK.seconds) == (100, 15 * 60)


@pytest.mark.usefixtures("few_callbacks")
def test_failed_callbacks_are_limited_by_address(
    browser: Browser, new_browser: NewBrowser, provider: Provider, clock: Clock
) -> None:
    """An attacker can begin sign-ins and forge their callbacks."""
    callback = browser.visit_hosted_ui(browser.begin())
    network = {"REMOTE_ADDR": "2001:db8:1:2::7"}
    attacker = new_browser()
    statuses = []
    for _ in range(limits.CALLBACK.attempts + 5):
        state = parameters(attacker.begin())["state"]
        answer = attacker.come_back(f"{CALLBACK}?error=x&state={state}", **network)
        statuses.append(answer.status_code)
    assert statuses == [400] * limits.CALLBACK.attempts + [429] * 5
    assert 0 < int(answer["Retry-After"]) <= 900
    assert b"Too many sign-ins have failed" in answer.content
    assert AuditEvent.objects.count() == limits.CALLBACK.attempts
    neighbour = browser.come_back(callback, REMOTE_ADDR="2001:db8:1:2::8")
    assert neighbour.status_code == 429
    assert browser.come_back(callback).status_code == 302, "the code is still valid"
    clock.advance(901)
    later = attacker.come_back(attacker.visit_hosted_ui(attacker.begin()), **network)
    assert later.status_code == 302


def test_success_and_outage_do_not_count_as_failures(browser: Browser, provider: Provider) -> None:
    browser.signed_in_at_hosted_ui()
    provider.behave(token="status:503")
    assert_problem_page(browser.sign_in(next_path=PROFILE), 502)
    # The counters of the address and of the account.
    assert sorted(one.count for one in AttemptCounter.objects.all()) == [0, 1]


def test_code_that_gets_a_malformed_answer_counts_as_a_failure(
    browser: Browser, provider: Provider
) -> None:
    """Cognito, or a firewall in front of it, can answer a forged code with another error."""
    provider.behave(token="status:403")
    assert_problem_page(browser.sign_in(), 502)
    assert [one.count for one in AttemptCounter.objects.all()] == [1]


def test_start_again_keeps_the_requested_page(browser: Browser, provider: Provider) -> None:
    provider.behave(authorize="access_denied")
    page = browser.sign_in(next_path="/accounts/profile/?a=1&b=2").content.decode()
    assert 'href="/accounts/login/?next=%2Faccounts%2Fprofile%2F%3Fa%3D1%26b%3D2"' in page


def test_failure_is_logged_and_recorded_without_the_parameters(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.behave(authorize="error_with_markup")
    browser.sign_in()
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.detail) == ("sign_in", "failure", "sign_in_refused")
    lines = [one.getMessage() for one in caplog.records if one.name.startswith("accounts")]
    assert lines == ["A sign-in failed: sign_in_refused"]
    assert not [one for one in caplog.records if one.levelno > logging.WARNING]


CONFIGURATION = {
    "invalid_scope": "COGNITO_SCOPES",
    "unauthorized_client": "COGNITO_CLIENT_ID",
    "invalid_client": "COGNITO_CLIENT_SECRET",
    "unsupported_response_type": "authorization code grant",
    "redirect_mismatch": "/accounts/callback/",
    "invalid_request": "docs/user-pool.md",
}


def come_back_with(browser: Browser, error: str, *, with_state: bool = True) -> HttpResponse:
    parameters_of_answer = {"error": error, "error_description": "<b>Call 0800 123456</b>"}
    if with_state:
        parameters_of_answer["state"] = parameters(browser.begin())["state"]
    return browser.come_back(f"{CALLBACK}?{urlencode(parameters_of_answer)}")


@pytest.mark.parametrize("with_state", [True, False])
@pytest.mark.parametrize(("error", "remedy"), CONFIGURATION.items())
def test_configuration_fault_is_an_error_that_says_what_to_do(
    browser: Browser, caplog: pytest.LogCaptureFixture, error: str, remedy: str, *, with_state: bool
) -> None:
    response = come_back_with(browser, error, with_state=with_state)
    assert_problem_page(response, 400)
    assert b"refused this sign-in" in response.content
    assert b"0800 123456" not in response.content
    (line,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert error in line.getMessage()
    assert remedy in line.getMessage()
    assert "0800 123456" not in caplog.text
    assert AuditEvent.objects.get().detail == f"sign_in_misconfigured: {error}"


@pytest.mark.parametrize("with_state", [True, False])
@pytest.mark.parametrize(
    ("error", "status", "words", "detail"),
    [
        ("access_denied", 400, b"cancelled or refused", "sign_in_refused: access_denied"),
        ("login_required", 400, b"not signed in yet", "sign_in_not_finished: login_required"),
        ("server_error", 502, b"has a fault", "server_error"),
        ("temporarily_unavailable", 503, b"is busy", "temporarily_unavailable"),
        ("made_up_by_an_attacker", 400, b"cancelled or refused", "sign_in_refused"),
        ("x" * 5_000, 400, b"cancelled or refused", "sign_in_refused"),
    ],
)
def test_error_of_the_hosted_ui_is_shown_recorded_and_counted(
    browser: Browser,
    caplog: pytest.LogCaptureFixture,
    *,
    error: str,
    status: int,
    words: bytes,
    detail: str,
    with_state: bool,
) -> None:
    response = come_back_with(browser, error, with_state=with_state)
    assert_problem_page(response, status)
    assert words in response.content
    assert ("Retry-After" in response) is (status >= 500)
    assert AuditEvent.objects.get().detail == detail
    assert "made_up" not in caplog.text
    assert "xxxxx" not in caplog.text
    assert [one.count for one in AttemptCounter.objects.all()] == [1]
    assert not [one for one in caplog.records if one.name.startswith("cognito")]


@pytest.mark.usefixtures("few_callbacks")
def test_errors_without_a_sign_in_are_limited_by_address(browser: Browser) -> None:
    for _ in range(limits.CALLBACK.attempts):
        assert come_back_with(browser, "server_error", with_state=False).status_code == 502
    assert come_back_with(browser, "server_error", with_state=False).status_code == 429
    assert AuditEvent.objects.count() == limits.CALLBACK.attempts
    # Another site can make a browser do this, so its user must still be able to sign in.
    browser.signed_in_at_hosted_ui()


@pytest.mark.parametrize(
    ("fault", "status", "detail"),
    [
        ("invalid_client", 502, "invalid_client"),
        ("unauthorized_client", 502, "unauthorized_client"),
        ("unsupported_grant_type", 502, "unsupported_grant_type"),
        ("invalid_request", 502, "invalid_request"),
        ("server_error", 502, "server_error"),
        ("invalid_grant", 400, "grant_refused"),
    ],
)
def test_error_of_the_token_endpoint_is_recorded(
    browser: Browser, provider: Provider, fault: str, status: int, detail: str
) -> None:
    provider.behave(token=fault)
    assert_problem_page(browser.sign_in(), status)
    assert AuditEvent.objects.get().detail == detail


def test_wrong_clock_at_a_sign_in_is_logged_and_does_not_count_as_a_failure(
    browser: Browser, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.set_wrong_by(-600)
    assert_problem_page(browser.sign_in(), 400)
    assert [one for one in caplog.records if "clock of this machine" in one.getMessage()]
    assert [one.count for one in AttemptCounter.objects.all()] == [0]


def test_sign_ins_to_an_account_are_limited(
    new_browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SIGN_INS", Limit(2, 3600))
    for _ in range(2):
        new_browser().signed_in_at_hosted_ui()

    response = new_browser().sign_in()

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert "Too many sign-ins to this account" in response.content.decode()
    assert BrowserSession.objects.count() == 2


@pytest.mark.parametrize("everyone", [False, True])
def test_code_of_a_sign_in_that_was_ended_begins_no_session(
    *, browser: Browser, provider: Provider, clock: Clock, settings: Settings, everyone: bool
) -> None:
    person = provider.person
    callback_address = browser.visit_hosted_ui(browser.begin(PROFILE))
    clock.advance(2)
    if everyone:
        sign_out_everyone()
    else:
        sign_out.sign_out_by_operator(
            issuer=settings.COGNITO_ISSUER, sub=person.sub, is_signed_out_at_cognito=True
        )
    clock.advance(2)
    response = browser.come_back(callback_address)
    assert_problem_page(response, 400)
    page = response.content.decode()
    assert "This sign-in was ended" in page
    # Otherwise the hosted UI would issue another code of the same sign-in.
    assert escape(logout_url(conf.web_client())) in page
    assert AuditEvent.objects.latest("pk").detail == "sign_in_revoked"
    assert_no_user_is_signed_in(browser)
    assert_the_next_sign_in_works(browser)


def test_sign_in_after_the_user_was_signed_out_everywhere_begins_a_session(
    browser: Browser, clock: Clock
) -> None:
    browser.signed_in()
    user = User.objects.get()
    sign_out.sign_out_by_operator(issuer=user.issuer, sub=user.sub, is_signed_out_at_cognito=False)
    clock.advance(1)
    browser.signed_in_at_hosted_ui()
    assert browser.is_signed_in()
