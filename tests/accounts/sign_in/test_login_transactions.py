"""Login transactions in the cookies of a browser."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from pytest_django import Settings

from accounts.models import UsedLogin
from tests.support.provider.browser import LOGIN, PROFILE, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

PREFIX = "gatehouse-login-"
# API Gateway accepts 10,240 bytes of headers in total. Common servers accept 4 or 8 KB.
COOKIE_BYTES = 4_096
MAX_NEXT_LENGTH = 400
MAX_IN_FLIGHT = 6
MAX_DELETED = 10


def in_flight(browser: Browser) -> list[str]:
    return [name for name in browser.cookies if name.startswith(PREFIX)]


def test_last_five_of_twelve_tabs_can_finish_in_any_order(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    long_path = "/?" + "x" * (MAX_NEXT_LENGTH - 5)
    tabs = []
    for number in range(12):
        tabs.append(browser.visit_hosted_ui(browser.begin(f"{long_path}{number:02}")))
        assert len(browser.cookie_header) < COOKIE_BYTES
        clock.advance(1)
    finished = [browser.come_back(tab) for tab in reversed(tabs)]
    assert {response.status_code for response in finished} == {302}
    ends = [response["Location"][-2:] for response in finished[:5]]
    assert ends == ["11", "10", "09", "08", "07"]
    assert {response["Location"] for response in finished[6:]} == {"/"}, (
        "the dropped sign-ins end on the home page"
    )
    assert provider.hits("/oauth2/token") == MAX_IN_FLIGHT
    assert in_flight(browser) == []


def test_cookies_of_a_signed_in_browser_with_six_tabs_stay_small(
    browser: Browser, clock: Clock, settings: Settings
) -> None:
    settings.COOKIE_PREFIX = "__Host-"
    settings.SESSION_COOKIE_NAME = "__Host-gatehouse-session"
    settings.CSRF_COOKIE_NAME = "__Host-gatehouse-csrf"
    browser.signed_in_at_hosted_ui()
    browser.get(PROFILE)
    for _ in range(MAX_IN_FLIGHT):
        browser.begin("/" + "x" * (MAX_NEXT_LENGTH - 1))
        clock.advance(1)
    assert len([name for name in browser.cookies if PREFIX in name]) == MAX_IN_FLIGHT
    assert "__Host-gatehouse-session" in browser.cookie_header
    assert "__Host-gatehouse-csrf" in browser.cookie_header
    assert len(f"Cookie: {browser.cookie_header}") < COOKIE_BYTES


def test_invalid_cookies_are_deleted_before_valid_ones(browser: Browser, clock: Clock) -> None:
    tab = browser.visit_hosted_ui(browser.begin())
    clock.advance(1)
    for number in range(8):
        browser.cookies[f"{PREFIX}junk000{number}"] = "junk"
    browser.begin()
    assert len(in_flight(browser)) == MAX_IN_FLIGHT
    assert browser.come_back(tab).status_code == 302


def test_planted_cookies_do_not_enlarge_the_response(browser: Browser) -> None:
    for number in range(290):
        browser.cookies[f"{PREFIX}{number:08}"] = "planted"
    response = browser.get(LOGIN)
    assert response.status_code == 302
    assert len(response.cookies) == MAX_DELETED + 1
    assert len(response.cookies.output()) < 2_048
    left = len(in_flight(browser))
    browser.get(LOGIN)
    assert len(in_flight(browser)) == left - MAX_DELETED + 1


def test_long_address_does_not_enlarge_the_response(browser: Browser) -> None:
    response = browser.get(f"{PROFILE}?x={'%22' * 2_000}")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")


@pytest.mark.parametrize(("more", "is_kept"), [(0, True), (1, False)])
def test_requested_page_is_kept_up_to_400_characters(
    browser: Browser, new_browser: NewBrowser, more: int, is_kept: bool
) -> None:
    path = f"{PROFILE}?x=".ljust(MAX_NEXT_LENGTH + more, "y")
    sent_to = browser.get(path)["Location"]
    assert sent_to == LOGIN + (f"?next={quote(path, safe='')}" if is_kept else "")
    assert new_browser().sign_in(next_path=path)["Location"] == (path if is_kept else "/")


def test_transaction_cookie_is_restricted_to_this_site_and_expires(browser: Browser) -> None:
    browser.begin()
    ((name, morsel),) = browser.cookies.items()
    assert re.fullmatch(PREFIX + r"[A-Za-z0-9_-]{8}", name)
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert morsel["path"] == "/"
    assert morsel["domain"] == ""
    assert morsel["max-age"] == 900


def test_transaction_cookie_is_deleted_after_the_sign_in(
    browser: Browser, provider: Provider
) -> None:
    browser.signed_in_at_hosted_ui()
    assert in_flight(browser) == []
    browser.post("/accounts/logout/")
    provider.behave(token="bad_nonce")
    browser.sign_in()
    assert in_flight(browser) == []


# `tests/cognito/hosted_ui/test_login_transaction.py` changes any character.
@pytest.mark.parametrize("position", range(0, 58, 14))
def test_edited_cookie_is_refused(browser: Browser, position: int) -> None:
    callback = browser.visit_hosted_ui(browser.begin("/accounts/profile/"))
    (name,) = in_flight(browser)
    value = browser.cookies[name].value
    edited = value[:position] + ("A" if value[position] != "A" else "B") + value[position + 1 :]
    browser.cookies[name] = edited
    assert browser.come_back(callback).status_code == 400
    assert not UsedLogin.objects.exists()


def test_callback_of_another_browser_is_refused(browser: Browser, new_browser: NewBrowser) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    other = new_browser()
    other.begin()
    assert other.come_back(callback).status_code == 400
    assert browser.come_back(callback).status_code == 302


def test_used_transaction_is_stored_as_a_digest(browser: Browser) -> None:
    address = browser.begin()
    browser.come_back(browser.visit_hosted_ui(address))
    used = UsedLogin.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", used.state_digest)
    assert used.state_digest not in address
    assert used.state_digest.startswith(str(used))


def test_start_of_a_sign_in_stores_and_calls_nothing(browser: Browser, provider: Provider) -> None:
    for _ in range(50):
        browser.get(LOGIN)
    assert not UsedLogin.objects.exists()
    assert provider.received == []
    assert len(in_flight(browser)) == MAX_IN_FLIGHT


@pytest.mark.parametrize("character", ["(", "@", "[", "é", " ", ""])
def test_planted_cookies_that_cannot_be_deleted_do_not_prevent_a_sign_in(
    browser: Browser, character: str
) -> None:
    planted = "; ".join(f"{PREFIX}{character}{number}=x" for number in range(8))
    response = browser.get(LOGIN, HTTP_COOKIE=planted)
    assert response.status_code == 302
    assert [name for name in response.cookies if name.startswith(PREFIX)] == in_flight(browser)
