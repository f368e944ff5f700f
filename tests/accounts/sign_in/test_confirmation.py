"""A session is confirmed by a new sign-in, and by nothing that only looks like one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from pytest_django import Settings

from accounts import encryption
from accounts.models import AuditEvent, BrowserSession, UsedLogin
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from accounts.sessions import authentication
from tests.support.provider import id_token_faults
from tests.support.provider.browser import CONFIRM, PROFILE, Browser, parameters
from tests.support.provider.clock import Clock
from tests.support.provider.fault_codes import ONE_OF_EACH
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Passkey, Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

OFF = "/accounts/second-factor/off/"
LEVEL = "urn:cognito:loa:2"


@pytest.fixture
def visitor(browser: Browser, clock: Clock, settings: Settings) -> Browser:
    """A browser whose sign-in is no longer recent, and whose session needs no renewal."""
    settings.COGNITO_RENEW_SECONDS = 3600
    browser.signed_in()
    clock.advance(301)
    return browser


def state_of(browser: Browser) -> tuple[Any, ...]:
    """Return what a failed confirmation must not change."""
    row = BrowserSession.objects.get()
    return (
        row.pk,
        encryption.decrypt(row.refresh_token),
        row.origin_jti,
        row.signed_in_at,
        browser.session[authentication.SESSION_KEY],
        browser.session.session_key,
    )


def last_event() -> tuple[str, str, str]:
    event = AuditEvent.objects.latest("pk")
    return event.action, event.outcome, event.detail


def assert_not_confirmed(browser: Browser, response: Any, status: int, detail: str) -> None:
    page = response.content.decode()
    assert response.status_code == status, page
    assert "You are still signed in as ada@example.com, and nothing has changed." in page
    assert f'href="{CONFIRM}?next=' in page
    assert last_event() == ("step_up", "failure", detail)
    assert browser.get(OFF).status_code == 302
    assert browser.is_signed_in()


def test_confirmation_asks_the_hosted_ui_for_a_new_sign_in(visitor: Browser) -> None:
    sent = parameters(visitor.begin_confirmation())
    assert (sent["max_age"], sent["prompt"]) == ("300", "login")
    assert "acr_values" not in sent
    assert sent["response_type"] == "code"
    assert {"state", "nonce", "code_challenge"} <= sent.keys()


def test_confirmation_asks_for_the_level_of_the_settings(
    visitor: Browser, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL, "urn:cognito:loa:3")
    sent = parameters(visitor.begin_confirmation())
    assert sent["acr_values"] == "urn:cognito:loa:2 urn:cognito:loa:3"


@pytest.mark.parametrize(
    "more",
    [
        {"max_age": "0"},
        {"max_age": "-1"},
        {"max_age": "1e3"},
        {"max_age": "9" * 400},
        {"max_age": "٣"},
        {"acr_values": 'a"\r\nX: y'},
        {"acr_values": "a b c d"},
        {"acr_values": "x" * 500},
    ],
)
def test_malformed_requirement_of_a_link_is_ignored(visitor: Browser, more: dict[str, str]) -> None:
    sent = parameters(visitor.begin_confirmation(PROFILE, **more))
    assert (sent["max_age"], sent.get("acr_values")) == ("300", None)


def test_confirmed_session_stays_and_has_the_new_time_of_sign_in(
    visitor: Browser, clock: Clock, settings: Settings
) -> None:
    visitor.get(PROFILE)
    csrf = visitor.cookies[settings.CSRF_COOKIE_NAME].value
    before, row = state_of(visitor), BrowserSession.objects.get()
    assert visitor.get(OFF).status_code == 302

    response = visitor.confirm(OFF)

    assert (response.status_code, response["Location"]) == (302, OFF)
    assert visitor.get(OFF).status_code == 200
    after = BrowserSession.objects.get()
    assert (after.pk, after.signed_in_at, after.user) == (row.pk, row.signed_in_at, row.user)
    auth_time, acr = visitor.session[authentication.SESSION_KEY]
    assert (0 <= clock.time() - auth_time < 60, acr) == (True, None)
    assert visitor.session.session_key != before[-1], "a new key, as at a sign-in"
    assert Session.objects.count() == 1
    assert visitor.cookies[settings.CSRF_COOKIE_NAME].value == csrf
    assert last_event() == ("step_up", "success", "")
    assert AuditEvent.objects.filter(action="sign_in").count() == 1


def test_refresh_token_of_the_new_sign_in_replaces_the_former_one(
    visitor: Browser, provider: Provider, clock: Clock, settings: Settings
) -> None:
    former = encryption.decrypt(BrowserSession.objects.get().refresh_token)
    visitor.confirm()
    assert encryption.decrypt(BrowserSession.objects.get().refresh_token) != former
    assert provider.hits("RevokeToken") == 1
    assert provider.pool.live_sign_ins() == 1
    settings.COGNITO_RENEW_SECONDS = 300
    clock.advance(301)
    assert visitor.is_signed_in(), "the session is renewed with the new token"


def test_session_without_a_new_refresh_token_keeps_the_former_one(
    visitor: Browser, provider: Provider
) -> None:
    before = BrowserSession.objects.get().refresh_token
    provider.behave(token="refresh_missing")
    assert visitor.confirm().status_code == 302
    assert BrowserSession.objects.get().refresh_token == before
    assert provider.hits("RevokeToken") == 0


def test_confirmation_succeeds_although_the_former_token_is_not_revoked(
    visitor: Browser, provider: Provider
) -> None:
    provider.behave(revoke="status:500")
    assert visitor.confirm(OFF)["Location"] == OFF
    assert visitor.get(OFF).status_code == 200


def test_renewal_does_not_make_a_sign_in_recent(
    visitor: Browser, provider: Provider, settings: Settings
) -> None:
    settings.COGNITO_RENEW_SECONDS = 300
    before = visitor.session[authentication.SESSION_KEY]
    assert visitor.is_signed_in()
    assert provider.hits("GetTokensFromRefreshToken") == 1
    assert visitor.session[authentication.SESSION_KEY] == before
    assert visitor.get(OFF)["Location"].startswith(CONFIRM)


@pytest.mark.slow
@pytest.mark.parametrize("fault", id_token_faults.OF_ANOTHER_TIME)
def test_sign_in_of_another_time_confirms_nothing(
    visitor: Browser, provider: Provider, fault: str
) -> None:
    before = state_of(visitor)
    provider.behave(token=fault)
    response = visitor.confirm(OFF)
    shortfall = {"auth_time_old": "auth_time_too_old", "auth_time_too_old": "auth_time_too_old"}
    detail = f"sign_in_not_recent: {shortfall.get(fault, 'no_auth_time')}"
    assert_not_confirmed(visitor, response, 400, detail)
    assert "did not ask you to sign in again" in response.content.decode()
    assert state_of(visitor) == before
    assert provider.pool.live_sign_ins() == 1, "the new sign-in is revoked"


@pytest.mark.slow
@pytest.mark.parametrize("fault", id_token_faults.OF_ANOTHER_TIME)
def test_new_session_of_another_time_is_not_recent(
    browser: Browser, provider: Provider, clock: Clock, fault: str
) -> None:
    provider.behave(token=fault)
    browser.signed_in_at_hosted_ui()
    assert browser.get(OFF)["Location"].startswith(CONFIRM)
    clock.advance(3600)
    assert browser.get(OFF)["Location"].startswith(CONFIRM), "a future time never becomes recent"


@pytest.mark.parametrize("fault", [*ONE_OF_EACH, "replayed"])
def test_invalid_answer_confirms_nothing(visitor: Browser, provider: Provider, fault: str) -> None:
    before = state_of(visitor)
    provider.behave(token=fault)
    response = visitor.confirm(OFF)
    assert response.status_code in {400, 502, 503}
    assert "nothing has changed" in response.content.decode()
    assert state_of(visitor) == before
    assert visitor.get(OFF).status_code == 302
    if fault in id_token_faults.REFUSED:
        assert provider.pool.live_sign_ins() == 1, "the new sign-in is revoked"


def test_sign_in_of_another_user_does_not_confirm_the_session(
    visitor: Browser, provider: Provider
) -> None:
    before, ada = state_of(visitor), provider.person
    provider.person = Person(email="eve@example.com")
    response = visitor.confirm(OFF)
    assert_not_confirmed(visitor, response, 400, "another_user")
    assert "You signed in as another user" in response.content.decode()
    assert "eve@example.com" not in response.content.decode()
    assert state_of(visitor) == before
    assert provider.pool.live_sign_ins() == 1
    provider.person = ada
    assert visitor.confirm(OFF)["Location"] == OFF


@pytest.mark.parametrize(
    "acr", ["urn:cognito:loa:1", "urn:other:4", None, 4, ["urn:cognito:loa:2"]]
)
def test_lower_level_confirms_nothing(
    visitor: Browser, provider: Provider, settings: Settings, acr: object
) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    before = state_of(visitor)
    if acr is not None:
        provider.person.claims["acr"] = acr
    response = visitor.confirm(OFF)
    assert_not_confirmed(visitor, response, 400, "sign_in_too_weak: acr_too_low")
    assert state_of(visitor) == before
    assert provider.pool.live_sign_ins() == 1


def test_demanded_level_confirms_the_session(
    visitor: Browser, provider: Provider, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    provider.person.claims["acr"] = "urn:cognito:loa:3"
    assert visitor.confirm(OFF)["Location"] == OFF
    assert visitor.get(OFF).status_code == 200


def test_level_removed_from_the_request_is_noticed_on_return(
    visitor: Browser, provider: Provider, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    address = visitor.begin_confirmation(OFF).replace("acr_values", "x")
    provider.person.claims["acr"] = "urn:cognito:loa:1"
    response = visitor.come_back(visitor.visit_hosted_ui(address))
    assert_not_confirmed(visitor, response, 400, "sign_in_too_weak: acr_too_low")


def test_cancelled_sign_in_confirms_nothing(visitor: Browser, provider: Provider) -> None:
    before = state_of(visitor)
    provider.behave(authorize="access_denied")
    response = visitor.confirm(OFF)
    assert_not_confirmed(visitor, response, 400, "sign_in_refused: access_denied")
    assert state_of(visitor) == before


def test_hosted_ui_that_knows_no_levels_confirms_nothing(
    visitor: Browser, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    state = parameters(visitor.begin_confirmation(OFF))["state"]
    response = visitor.get("/accounts/callback/", {"error": "invalid_request", "state": state})
    assert_not_confirmed(visitor, response, 400, "sign_in_misconfigured: invalid_request")
    assert "COGNITO_STEP_UP_ACR" in caplog.text


def test_unmet_level_at_the_hosted_ui_is_explained(visitor: Browser, settings: Settings) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    state = parameters(visitor.begin_confirmation(OFF))["state"]
    response = visitor.get(
        "/accounts/callback/", {"error": "unmet_authentication_requirements", "state": state}
    )
    assert "This needs a stronger sign-in" in response.content.decode()


def test_callback_cannot_be_used_twice(visitor: Browser, clock: Clock) -> None:
    callback = visitor.visit_hosted_ui(visitor.begin_confirmation(OFF))
    assert visitor.come_back(callback)["Location"] == OFF
    clock.advance(301)
    assert visitor.come_back(callback)["Location"] == "/"
    assert visitor.get(OFF).status_code == 302
    assert UsedLogin.objects.count() == 1


def test_code_of_another_transaction_confirms_nothing(visitor: Browser) -> None:
    first = visitor.visit_hosted_ui(visitor.begin_confirmation(OFF))
    second = visitor.begin_confirmation(OFF)
    code, state = parameters(first)["code"], parameters(second)["state"]
    response = visitor.get("/accounts/callback/", {"code": code, "state": state})
    assert_not_confirmed(visitor, response, 400, "grant_refused")


def test_sign_in_in_progress_cannot_be_turned_into_a_confirmation(visitor: Browser) -> None:
    address = visitor.begin(OFF)
    (name,) = [one for one in visitor.cookies if one.startswith("gatehouse-login-")]
    visitor.cookies[name] = f"{visitor.cookies[name].value}.MzAw"
    response = visitor.come_back(visitor.visit_hosted_ui(address))
    assert response["Location"] == "/", "the changed cookie has another state"
    assert visitor.get(OFF).status_code == 302


def test_confirmation_in_progress_cannot_be_turned_into_a_sign_in(visitor: Browser) -> None:
    address = visitor.begin_confirmation(OFF)
    (name,) = [one for one in visitor.cookies if one.startswith("gatehouse-login-")]
    visitor.cookies[name] = visitor.cookies[name].value.rpartition(".")[0]
    visitor.come_back(visitor.visit_hosted_ui(address))
    assert AuditEvent.objects.filter(action="sign_in").count() == 1


def test_visitor_signs_in_instead_of_confirming(browser: Browser) -> None:
    response = browser.get(CONFIRM, {"next": OFF})
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={OFF.replace('/', '%2F')}"


def test_session_that_has_ended_meanwhile_is_not_confirmed(
    visitor: Browser, provider: Provider
) -> None:
    callback = visitor.visit_hosted_ui(visitor.begin_confirmation(OFF))
    BrowserSession.objects.all().delete()
    response = visitor.come_back(callback)
    assert response["Location"].startswith("/accounts/login/?next=")
    assert not visitor.is_signed_in()
    assert provider.hits("/oauth2/token") == 0, "the code of the confirmation stays unused"


def test_transaction_of_one_browser_is_refused_in_another(
    visitor: Browser, new_browser: NewBrowser
) -> None:
    callback = visitor.visit_hosted_ui(visitor.begin_confirmation(OFF))
    other = new_browser().signed_in_at_hosted_ui()
    assert other.come_back(callback)["Location"] == "/"
    assert AuditEvent.objects.filter(action="step_up").count() == 0


def test_session_of_an_earlier_version_is_not_recent(browser: Browser) -> None:
    browser.signed_in_at_hosted_ui()
    session = browser.session
    del session[authentication.SESSION_KEY]
    session.save()
    assert browser.is_signed_in()
    assert browser.get(OFF)["Location"].startswith(CONFIRM)
    browser.confirm(OFF)
    assert browser.get(OFF).status_code == 200


@pytest.mark.parametrize(
    "unsafe", ["https://evil.example/", "//evil.example/", "/accounts/confirm/?next=/", "x" * 500]
)
def test_unsafe_next_leads_to_the_profile(visitor: Browser, unsafe: str) -> None:
    assert visitor.confirm(unsafe)["Location"] == PROFILE


def test_confirmations_of_an_account_are_limited(
    visitor: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SIGN_INS", Limit(1, 86400))
    assert visitor.confirm(OFF).status_code == 302
    assert visitor.confirm(OFF).status_code == 429
    assert provider.pool.live_sign_ins() == 1


@pytest.mark.parametrize("method", ["head", "post"])
def test_confirmation_begins_only_with_get(visitor: Browser, method: str) -> None:
    assert getattr(visitor, method)(CONFIRM).status_code == 405


def test_first_authenticator_app_can_be_set_up_without_the_level_that_needs_one(
    browser: Browser, provider: Provider, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    provider.person.claims["acr"] = "urn:cognito:loa:1"
    browser.signed_in_at_hosted_ui()
    assert browser.post("/accounts/second-factor/app/").status_code == 200


def test_replacement_of_an_authenticator_app_needs_the_level(
    browser: Browser, provider: Provider, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    provider.person.claims["acr"] = "urn:cognito:loa:1"
    provider.person.has_totp = True
    browser.signed_in_at_hosted_ui()
    answer = browser.post("/accounts/second-factor/app/")
    assert parameters(answer["Location"])["acr_values"] == LEVEL
    assert provider.hits("AssociateSoftwareToken") == 0
    provider.person.claims["acr"] = LEVEL
    browser.confirm(PROFILE, acr_values=LEVEL)
    assert browser.post("/accounts/second-factor/app/").status_code == 200


@pytest.mark.parametrize(
    ("has_app", "passkeys", "is_asked"),
    [(False, [], False), (True, [], True), (False, [Passkey("first")], True)],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_passkey_of_a_user_with_a_strong_factor_needs_the_level(
    *,
    browser: Browser,
    provider: Provider,
    settings: Settings,
    has_app: bool,
    passkeys: list[Passkey],
    is_asked: bool,
    method: str,
) -> None:
    path = "/accounts/profile/passkeys/add/"
    settings.COGNITO_STEP_UP_ACR = (LEVEL,)
    person = provider.person
    person.claims["acr"] = "urn:cognito:loa:1"
    person.has_totp, person.passkeys = has_app, list(passkeys)
    browser.signed_in_at_hosted_ui()
    credential = json.dumps({"id": "new", "type": "public-key", "response": {}})
    answer = getattr(browser, method)(path, {"credential": credential} if method == "post" else {})
    if is_asked:
        assert parameters(answer["Location"])["acr_values"] == LEVEL
        assert person.passkeys == passkeys
        person.claims["acr"] = LEVEL
        browser.confirm(PROFILE, acr_values=LEVEL)
        assert browser.get(path).status_code == 200
    else:
        assert len(person.passkeys) == (1 if method == "post" else 0)
        assert answer.status_code == (302 if method == "post" else 200)
