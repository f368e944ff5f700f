"""Forms that lead to another site get a page, because Chromium blocks the redirect."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from tests.accounts.leaving import EVERYWHERE, LOGOUT, end_url
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.people import Person

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.mark.parametrize(
    "path",
    [
        LOGOUT,
        EVERYWHERE,
        "this device",
        "/admin/logout/",  # only with console
    ],
)
def test_sign_out_by_a_form_answers_with_a_page_that_redirects(
    browser: Browser, settings: Settings, path: str
) -> None:
    browser.signed_in(Person(groups=["operators"]))
    response = browser.post(end_url(browser) if path == "this device" else path, **FORM)
    assert response.status_code == 200
    logout = f"{settings.COGNITO_DOMAIN}/logout?client_id={settings.COGNITO_CLIENT_ID}&logout_uri="
    assert response["Refresh"].startswith(f"0; url={logout}")
    assert "Location" not in response
    assert f'href="{logout.replace("&", "&amp;")}' in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert not browser.is_signed_in()


@pytest.mark.parametrize(
    "path",
    [
        EVERYWHERE,
        "/accounts/second-factor/off/",
        "/admin/logout/",  # only with console
    ],
)
def test_form_of_an_ended_session_gets_a_page_that_redirects(browser: Browser, path: str) -> None:
    response = browser.post(path, **FORM)
    assert response.status_code == 200
    assert response["Refresh"].startswith("0; url=")


def test_form_that_needs_a_confirmation_gets_a_page_that_redirects(
    browser: Browser, clock: Clock
) -> None:
    browser.signed_in()
    clock.advance(301)
    response = browser.post("/accounts/second-factor/off/", **FORM)
    assert response.status_code == 200
    assert response["Refresh"].startswith("0; url=/accounts/confirm/?next=")


def test_form_that_stays_on_this_site_is_redirected(browser: Browser) -> None:
    browser.signed_in(person := Person())
    other = end_url(browser)
    browser.cookies.clear()
    browser.signed_in(person)
    response = browser.post(other, **FORM)
    assert (response.status_code, response["Location"]) == (302, "/accounts/profile/devices/")


@pytest.mark.parametrize("headers", [{}, {"HTTP_SEC_FETCH_MODE": "cors"}])
def test_request_that_is_not_a_form_of_a_browser_is_redirected(
    browser: Browser, headers: dict[str, Any]
) -> None:
    browser.signed_in()
    assert browser.post(LOGOUT, **headers).status_code == 302
