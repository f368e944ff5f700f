"""The forms that sign a user out: their origin, method and parameters."""

from __future__ import annotations

import re
import uuid

import pytest
from pytest_django import Settings

from accounts.models import BrowserSession
from tests.accounts.leaving import (
    EVERYWHERE,
    LOGOUT,
    assert_leads_to_the_hosted_uis_logout,
    end_url,
)
from tests.support.provider.browser import PROFILE, Browser
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db


def test_sign_out_needs_a_form_of_this_site(new_browser: NewBrowser, provider: Provider) -> None:
    browser = new_browser(enforce_csrf_checks=True).signed_in()
    for path in (LOGOUT, EVERYWHERE, end_url(browser)):
        assert browser.post(path).status_code == 403
        assert browser.post(path, HTTP_ORIGIN="https://evil.example").status_code == 403
    page = browser.get(PROFILE).content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
    forged = {"csrfmiddlewaretoken": token}
    assert browser.post(LOGOUT, forged, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert browser.post(LOGOUT, forged, HTTP_ORIGIN="null").status_code == 403
    assert browser.is_signed_in()
    assert provider.hits("RevokeToken") == 0
    assert browser.post(LOGOUT, forged, HTTP_ORIGIN="http://localhost:8000").status_code == 302
    assert not browser.is_signed_in()


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_sign_out_needs_a_post(browser: Browser, method: str) -> None:
    browser.signed_in()
    for path in (LOGOUT, EVERYWHERE, end_url(browser)):
        assert getattr(browser, method)(path).status_code == 405
    assert browser.is_signed_in()


@pytest.mark.parametrize("parameter", ["next", "logout_uri", "client_id", "redirect_uri"])
def test_no_parameter_changes_the_redirect_of_a_sign_out(
    browser: Browser, settings: Settings, parameter: str
) -> None:
    browser.signed_in()
    response = browser.post(
        f"{LOGOUT}?{parameter}=https://evil.example", {parameter: "https://evil.example"}
    )
    assert_leads_to_the_hosted_uis_logout(response, settings)


def test_session_of_another_user_cannot_be_ended(browser: Browser, new_browser: NewBrowser) -> None:
    browser.signed_in(Person())
    other = new_browser().signed_in(Person())
    assert browser.post(end_url(other)).status_code == 404
    assert browser.post(f"/accounts/sessions/{uuid.uuid4()}/end/").status_code == 404
    assert browser.post("/accounts/sessions/1/end/").status_code == 404
    assert other.is_signed_in()
    assert BrowserSession.objects.count() == 2


@pytest.mark.parametrize(
    "path", [EVERYWHERE, "/accounts/sessions/0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10/end/"]
)
def test_visitor_is_redirected_to_sign_in(browser: Browser, path: str) -> None:
    response = browser.post(path)
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    response = browser.post(path, HTTP_ACCEPT="application/json")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
