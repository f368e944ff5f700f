"""A provider that is slow, faulty or unavailable during a sign-in."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import UsedLogin
from cognito import deadlines
from tests.accounts.outcomes import (
    assert_no_user_is_signed_in,
    assert_problem_page,
    assert_the_next_sign_in_works,
)
from tests.support.clock import ends_within
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.deadlines import WITHIN
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

TOKEN_FAULTS = {
    "hang": 502,
    "delay:30": 502,
    "drip:0.05": 502,
    "header_drip:0.05": 502,
    "reset": 502,
    "truncate": 502,
    "header_bomb": 502,
    "huge:50000000": 502,
    "gzip_bomb:20000000": 502,
    "status:500": 502,
    "status:503": 502,
    "status:504": 502,
    "status:401": 502,
    "status:404": 502,
    "status:418": 502,
    "status:201": 502,
    "status:304": 502,
    "status:429": 503,
}
KEY_FAULTS = [
    "hang",
    "drip:0.05",
    "reset",
    "truncate",
    "header_bomb",
    "huge:50000000",
    "status:500",
    "status:403",
    "garbage",
    "html",
    "empty",
    "array",
    "utf16",
    "no_keys",
    "empty_keys",
    "null_keys",
    "keys_object",
    "list",
    "message",
    "no_kid",
    "use_enc",
    "dup_kid",
    "small_key",
]


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize(("fault", "status"), TOKEN_FAULTS.items())
def test_fault_of_the_token_endpoint_gives_a_problem_page_in_time(
    browser: Browser, provider: Provider, fault: str, status: int
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    provider.behave(token=fault)
    with ends_within(WITHIN):
        response = browser.come_back(callback)
    assert_problem_page(response, status)
    assert provider.hits("/oauth2/token") == 1, "the code is sent only once"
    assert_no_user_is_signed_in(browser)
    assert_the_next_sign_in_works(browser)


@pytest.mark.parametrize("fault", ["redirect", "redirect307"])
def test_code_and_secret_are_not_sent_to_a_redirect(
    browser: Browser, provider: Provider, fault: str
) -> None:
    provider.behave(token=f"{fault}:{provider.url}/elsewhere")
    assert_problem_page(browser.sign_in(), 502)
    assert provider.hits("/elsewhere") == 0
    assert provider.hits("/oauth2/token") == 1
    assert_no_user_is_signed_in(browser)


@pytest.mark.parametrize("port", [1, 9])
def test_unavailable_token_endpoint_gives_a_problem_page(
    browser: Browser, settings: Settings, port: int
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    settings.COGNITO_DOMAIN = f"http://127.0.0.1:{port}"
    assert_problem_page(browser.come_back(callback), 502)
    assert_no_user_is_signed_in(browser)


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize("fault", KEY_FAULTS)
def test_sign_in_without_keys_gives_a_503(
    browser: Browser, provider: Provider, clock: Clock, fault: str
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    provider.behave(jwks=fault)
    with ends_within(WITHIN):
        response = browser.come_back(callback)
    assert_problem_page(response, 503)
    assert provider.hits("jwks") == 1
    assert_no_user_is_signed_in(browser)


@pytest.mark.parametrize("fault", ["bad_key_first", "junk_entries", "exotic"])
def test_invalid_entries_of_the_key_set_are_ignored(
    browser: Browser, provider: Provider, fault: str
) -> None:
    provider.behave(jwks=fault)
    browser.signed_in_at_hosted_ui()


@pytest.mark.parametrize("fault", ["hang", "status:503", "garbage", "empty_keys"])
def test_sign_in_uses_the_keys_in_memory(
    browser: Browser, new_browser: NewBrowser, provider: Provider, fault: str
) -> None:
    new_browser().signed_in_at_hosted_ui()
    provider.behave(jwks=fault)
    browser.signed_in_at_hosted_ui()
    assert provider.hits("jwks") == 1


@pytest.mark.parametrize("seconds", [-30, 30])
def test_sign_in_works_with_a_slightly_wrong_clock(
    browser: Browser, clock: Clock, seconds: int
) -> None:
    clock.set_wrong_by(seconds)
    browser.signed_in_at_hosted_ui()
    assert browser.is_signed_in()


def test_clock_set_back_a_day_fails_only_the_sign_in_in_progress(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    clock.advance(-24 * 3600)
    assert_problem_page(browser.come_back(callback), 400)
    browser.signed_in_at_hosted_ui()


def test_sign_in_can_finish_after_one_in_another_browser_of_the_user(
    browser: Browser, new_browser: NewBrowser
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    new_browser().signed_in_at_hosted_ui()
    assert browser.come_back(callback).status_code == 302
    assert UsedLogin.objects.count() == 2


def test_sign_in_without_time_left_says_that_it_took_too_long(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    monkeypatch.setattr(deadlines, "SIGN_IN", deadlines.Budget(calls=0, database=5))
    response = browser.come_back(callback)
    assert response.status_code == 503
    assert b"This took too long" in response.content
    assert provider.hits("/oauth2/token") == 0
