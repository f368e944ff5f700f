"""Guards of views for signed-in users, and other small parts of the browser pages."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from pytest_django import Settings

from accounts import encryption
from accounts.models import BrowserSession, Revocation, User
from accounts.sessions.guards import signed_in_user
from accounts.user_agents import browser_name
from tests.support.provider.browser import PROFILE, Browser
from tests.support.provider.people import Person

pytestmark = pytest.mark.django_db

FIRST_KEY, SECOND_KEY = "a" * 43 + "=", "b" * 43 + "="


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, 302),
        ({"Accept": "*/*"}, 302),
        ({"Accept": "application/json"}, 401),
        ({"Accept": "application/json, text/html"}, 302),
        ({"X-Requested-With": "XMLHttpRequest"}, 401),
        ({"Sec-Fetch-Mode": "navigate", "Accept": "application/json"}, 302),
        ({"Sec-Fetch-Mode": "cors", "Accept": "text/html"}, 401),
        ({"Sec-Fetch-Mode": "same-origin"}, 401),
        ({"Sec-Fetch-Mode": "no-cors"}, 401),
    ],
)
def test_page_visit_is_redirected_and_script_gets_a_401(
    browser: Browser, headers: dict[str, str], status: int
) -> None:
    response = browser.get(PROFILE, headers=headers)
    assert response.status_code == status
    assert "WWW-Authenticate" not in response
    if status == 401:
        assert response.json()["sign_in_url"].startswith("/accounts/login/?next=")


def test_requested_page_is_kept_with_its_query(browser: Browser) -> None:
    response = browser.get(PROFILE, {"tab": "a b&c", "next": "//evil.example"})
    response = browser.get(response["Location"])
    end = browser.come_back(browser.visit_hosted_ui(response["Location"]))
    assert end["Location"] == "/accounts/profile/?tab=a+b%26c&next=%2F%2Fevil.example"


def test_signed_in_user_refuses_another_kind_of_principal() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        signed_in_user(request)


def test_user_has_no_password() -> None:
    user = User.objects.create(issuer="i", sub="s", username="admin")
    assert authenticate(username="admin", password="admin") is None
    assert not user.has_usable_password()
    assert not hasattr(User.objects, "create_user")


def test_user_has_the_best_available_label() -> None:
    user = User(issuer="i", sub="the-sub")
    assert str(user) == "the-sub"
    user.username = "ada"
    assert user.get_short_name() == "ada"
    user.email = "ada@example.com"
    assert user.get_full_name() == "ada@example.com"
    user.name = "Ada"
    assert str(user) == "ada@example.com"
    assert user.get_full_name() == "Ada"


def test_text_of_a_row_contains_no_secret(browser: Browser) -> None:
    browser.signed_in(Person(name="Ada"))
    row = BrowserSession.objects.get()
    assert str(row).startswith("ada@example.com since 20")
    now = row.signed_in_at
    times = {"issuer": "i", "signed_in_until": now, "expires_at": now}
    assert str(Revocation(origin_jti="x", **times)) == "sign-in x"
    assert str(Revocation(sub="y", **times)) == "every sign-in of y"


def test_user_is_found_by_its_natural_key() -> None:
    user = User.objects.create(issuer="i", sub="s")
    assert User.objects.get_by_natural_key(str(user.pk)) == user


@pytest.mark.parametrize("path", ["/", "/accounts/logged-out/", PROFILE])
def test_pages_accept_only_get_and_head(browser: Browser, path: str) -> None:
    browser.signed_in()
    assert browser.head(path).status_code == 200
    assert browser.post(path).status_code == 405


def test_page_after_a_sign_out_names_a_user_who_is_signed_in(browser: Browser) -> None:
    assert b"You are signed out" in browser.get("/accounts/logged-out/").content
    browser.signed_in(Person(name="Ada"))
    assert b"signed in as Ada" in browser.get("/accounts/logged-out/").content


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 OPR/120.0", "Opera on Linux"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Firefox/140.0",
            "Firefox on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/140.0 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) FxiOS/140.0 Safari/605.1",
            "Firefox on iPad",
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 1.0) Chrome/140.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.0", "Unknown browser"),
        ("", "Unknown browser"),
        ("Linux", "Unknown browser on Linux"),
    ],
)
def test_browser_has_a_recognizable_name(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name


def test_encrypted_token_can_be_decrypted_with_any_of_the_keys(settings: Settings) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = (FIRST_KEY,)
    encrypted = encryption.encrypt("a refresh token")
    assert "refresh" not in encrypted
    assert encryption.encrypt("a refresh token") != encrypted
    settings.TOKEN_ENCRYPTION_KEYS = (SECOND_KEY, FIRST_KEY)
    assert encryption.decrypt(encrypted) == "a refresh token"
    newer = encryption.encrypt("a refresh token")
    settings.TOKEN_ENCRYPTION_KEYS = (SECOND_KEY,)
    assert encryption.decrypt(newer) == "a refresh token"
    for undecryptable in (encrypted, newer[:-2] + "A=", "", "text", "\u00e9"):
        with pytest.raises(encryption.UndecryptableToken):
            encryption.decrypt(undecryptable)
