"""A valid sign-in from beginning to end, and the redirect to the hosted UI."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from pytest_django import Settings

from accounts.models import BrowserSession, UsedLogin, User
from tests.support.provider.browser import CALLBACK, LOGIN, Browser, parameters
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.pool import CLIENT_SECRET
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/sign-up/"
STARTS = pytest.mark.parametrize("start", [LOGIN, SIGN_UP])
AUTHORIZE_PARAMETERS = {
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
}


def test_user_is_signed_in(browser: Browser, provider: Provider) -> None:
    response = browser.sign_in()
    assert (response.status_code, response["Location"]) == (302, "/")
    assert browser.is_signed_in()
    assert User.objects.get().sub == provider.person.sub
    assert BrowserSession.objects.count() == 1
    assert provider.hits("/oauth2/token") == 1


@pytest.mark.parametrize(("start", "path"), [(LOGIN, "/oauth2/authorize"), (SIGN_UP, "/signup")])
def test_sign_in_starts_with_exactly_these_parameters(
    browser: Browser, provider: Provider, settings: Settings, start: str, path: str
) -> None:
    response = browser.get(start)
    assert response.status_code == 302
    assert response["Cache-Control"] == "no-store"
    assert response["Location"].startswith(f"{provider.url}{path}?")
    sent = parameters(response["Location"])
    assert sent.keys() == AUTHORIZE_PARAMETERS
    assert sent["response_type"] == "code"
    assert sent["client_id"] == settings.COGNITO_CLIENT_ID
    assert sent["redirect_uri"] == "http://localhost:8000/accounts/callback/"
    assert "openid" in sent["scope"].split(" ")
    assert sent["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", sent["code_challenge"])
    assert CLIENT_SECRET not in response["Location"]


def test_no_two_sign_ins_have_a_value_in_common(browser: Browser) -> None:
    first, second = parameters(browser.begin()), parameters(browser.begin())
    values = [one[name] for one in (first, second) for name in ("state", "nonce", "code_challenge")]
    assert len(set(values)) == 6
    assert all(len(base64.urlsafe_b64decode(value + "=")) == 32 for value in values)


def test_browser_gets_only_the_digest_of_the_code_verifier(
    browser: Browser, provider: Provider
) -> None:
    address = browser.begin()
    cookies = browser.cookie_header
    browser.come_back(browser.visit_hosted_ui(address))
    verifier = provider.requests("/oauth2/token")[0].form["code_verifier"]
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier)
    assert verifier not in address + cookies
    assert verifier != parameters(address)["state"] != parameters(address)["nonce"]


@pytest.mark.parametrize("name", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO"])
@STARTS
def test_no_header_changes_the_redirect_uri(browser: Browser, start: str, name: str) -> None:
    forged: dict[str, Any] = {name: "evil.example"}
    response = browser.get(start, **forged)
    if name == "HTTP_HOST":
        assert response.status_code == 400
        assert b"evil.example" not in response.content
    else:
        sent = parameters(response["Location"])
        assert sent["redirect_uri"] == "http://localhost:8000/accounts/callback/"


@STARTS
def test_no_parameter_of_a_visitor_reaches_the_hosted_ui(browser: Browser, start: str) -> None:
    names = {*AUTHORIZE_PARAMETERS, "identity_provider", "prompt", "login_hint", "lang"}
    forged = dict.fromkeys(names, "forged")
    sent = parameters(browser.get(start, forged)["Location"])
    assert sent.keys() == AUTHORIZE_PARAMETERS
    assert "forged" not in sent.values()


@STARTS
def test_head_and_post_start_no_sign_in(
    browser: Browser, new_browser: NewBrowser, start: str
) -> None:
    assert browser.head(start).status_code == 405
    assert browser.post(start).status_code == 405
    assert new_browser(enforce_csrf_checks=True).post(start).status_code == 403
    assert set(browser.cookies) <= {"gatehouse-csrf"}


def test_requests_of_visitors_store_nothing(browser: Browser) -> None:
    for path in (
        "/",
        LOGIN,
        SIGN_UP,
        "/admin/",  # only with console
        "/accounts/profile/",
        f"{CALLBACK}?state=x&code=y",
    ):
        browser.get(path)
    assert not Session.objects.exists()
    assert not UsedLogin.objects.exists()


def test_signed_in_user_is_redirected_home_instead_of_signing_in(browser: Browser) -> None:
    browser.signed_in_at_hosted_ui()
    before = browser.cookie_header
    response = browser.get(LOGIN)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert browser.cookie_header == before, "no login transaction is stored"


def test_signed_in_user_can_sign_in_again_for_a_page(browser: Browser) -> None:
    browser.signed_in_at_hosted_ui()
    response = browser.sign_in(next_path="/accounts/profile/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/profile/")
    assert BrowserSession.objects.count() == 1


def test_client_authenticates_with_a_header_and_repeats_the_redirect_uri(
    browser: Browser, provider: Provider
) -> None:
    address = browser.begin()
    browser.come_back(browser.visit_hosted_ui(address))
    (exchange,) = provider.requests("/oauth2/token")
    assert exchange.method == "POST"
    assert exchange.query == []
    assert exchange.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert exchange.headers["Authorization"].startswith("Basic ")
    assert CLIENT_SECRET.encode() not in exchange.body
    assert exchange.form["redirect_uri"] == parameters(address)["redirect_uri"]
    assert exchange.form.keys() == {
        "grant_type",
        "client_id",
        "redirect_uri",
        "code",
        "code_verifier",
    }


def test_callback_redirects_to_an_address_without_code_and_state(browser: Browser) -> None:
    response = browser.sign_in(next_path="/accounts/profile/?tab=devices")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/profile/?tab=devices"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"


def test_sign_in_with_loaded_keys_makes_one_call(browser: Browser, provider: Provider) -> None:
    browser.signed_in_at_hosted_ui()
    provider.received.clear()
    browser.post("/accounts/logout/")
    provider.received.clear()
    browser.come_back(browser.visit_hosted_ui(browser.begin()))
    names = [one.name for one in provider.received if one.name != "/oauth2/authorize"]
    assert names == ["/oauth2/token"], "the keys are loaded already"


def test_start_of_a_sign_in_makes_no_call(browser: Browser, provider: Provider) -> None:
    assert urlsplit(browser.begin()).netloc == urlsplit(provider.url).netloc
    assert provider.received == [], "the redirect needs no call"
