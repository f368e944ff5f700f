"""An app demands a recent or a strong sign-in with `max_age`, `prompt` and `acr_values`."""

from __future__ import annotations

import pytest

from tests.local_cognito.login.conftest import BASE, Browser, answer_in

pytestmark = pytest.mark.ministack


def test_recent_sign_in_is_enough_for_an_age(browser: Browser) -> None:
    browser.signs_in()
    assert "code" in answer_in(browser.asks(max_age="300"))


def test_old_sign_in_is_repeated_for_an_age(browser: Browser) -> None:
    browser.signs_in()
    browser.later(400)
    answer = browser.asks(max_age="300")
    assert answer.location.startswith("/login?")
    assert 'name="username"' in browser.client.get(answer.location, base_url=BASE).text
    assert "code" in answer_in(browser.signs_in(max_age="300"))
    assert "code" in answer_in(browser.asks(max_age="300")), "the session has the new time"


def test_old_sign_in_is_enough_for_an_app_that_demands_no_age(browser: Browser) -> None:
    browser.signs_in()
    browser.later(400)
    browser.asks(max_age="300")
    assert "code" in answer_in(browser.asks()), "the session has not ended"


def test_old_sign_in_cannot_be_confirmed_by_the_page_that_offers_to_continue(
    browser: Browser,
) -> None:
    browser.signs_in()
    browser.later(400)
    url = browser.url("/login", max_age="300")
    answer = browser.client.post(url, data={"as": "signed-in"}, base_url=BASE)
    assert "prompt=login" in answer.location


def test_old_sign_in_without_pages_is_an_error(browser: Browser) -> None:
    browser.signs_in()
    browser.later(400)
    answer = answer_in(browser.asks(max_age="300", prompt="none"))
    assert answer["error"] == "login_required"


def test_age_of_zero_always_asks_again_and_can_be_met(browser: Browser) -> None:
    browser.signs_in()
    browser.later(1)
    assert browser.asks(max_age="0").location.startswith("/login?")
    assert "code" in answer_in(browser.signs_in(max_age="0"))


def test_level_that_the_user_reaches_is_no_obstacle(browser: Browser) -> None:
    assert "code" in answer_in(browser.signs_in(acr_values="urn:cognito:loa:4 urn:cognito:loa:1"))
    assert "code" in answer_in(browser.asks(acr_values="urn:cognito:loa:1"))


def test_level_that_the_sign_in_does_not_reach_is_an_error(browser: Browser) -> None:
    browser.signs_in()
    stronger = {"acr_values": "urn:cognito:loa:3"}
    assert browser.asks(**stronger).location.startswith("/login?")
    assert answer_in(browser.signs_in(**stronger)) == {
        "error": "unmet_authentication_requirements",
        "state": "the state",
    }
    assert "code" in answer_in(browser.asks()), "the session from before is still there"
