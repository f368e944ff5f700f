"""Users add, use and remove passkeys on their profile, with Chromium's virtual authenticator."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.conftest import Site
from tests.e2e.test_managed_login import sign_out
from tests.e2e.test_pages import violations
from tests.e2e.test_passkeys import sign_up
from tests.support.browser import expect_heading
from tests.support.virtual_authenticator import VirtualAuthenticator

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]


def is_submission(request: Request) -> bool:
    """Return whether the browser submits a form, other than a script that calls `fetch`."""
    return request.method == "POST" and request.is_navigation_request()


def test_user_adds_uses_and_removes_a_passkey_on_the_profile(page: Page, site: Site) -> None:
    authenticator = VirtualAuthenticator(page)
    sign_up(page, site, "profile-passkey@example.com")
    page.get_by_role("link", name="Not now").click()
    page.goto(site.url("/accounts/profile/"))
    page.get_by_role("link", name="Security", exact=True).click()
    expect_heading(page, "Security")
    expect(page.get_by_text("You have no passkey.")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("link", name="Add a passkey").click()
    expect_heading(page, "Add a passkey")
    expect(page.get_by_text("needs JavaScript")).to_have_count(0)
    assert violations(page) == []
    with authenticator.touched():
        page.get_by_role("button", name="Create the passkey").click()
        page.wait_for_url(site.url("/accounts/profile/sign-in-methods/"))
    expect(page.get_by_role("status")).to_contain_text("Added the passkey.")
    assert violations(page) == []
    assert len(authenticator) == 1

    # The authenticator refuses a second passkey for the same account.
    page.get_by_role("link", name="Add a passkey").click()
    with authenticator.touched():
        page.get_by_role("button", name="Create the passkey").click()
        expect(page.get_by_role("alert")).to_have_text(
            "This device already has a passkey for your account."
        )
    sign_out(page)

    with authenticator.touched():
        page.goto(site.url("/accounts/login/?next=/accounts/profile/sign-in-methods/"))
        page.wait_for_url(site.url("/accounts/profile/sign-in-methods/"))
    page.get_by_role("link", name="Remove").click()
    expect_heading(page, "Remove the passkey?")
    assert violations(page) == []
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("Removed the passkey.")
    expect(page.get_by_text("You have no passkey.")).to_be_visible()
    sign_out(page)

    # The authenticator still has the passkey, and offers it as soon as the page is open. It would
    # offer it again on each page that refuses it, so the user confirms this only once.
    with authenticator.touched(), page.expect_request(is_submission):
        page.goto(site.url("/accounts/login/"), wait_until="commit")
    expect(page.get_by_role("alert").last).not_to_be_empty()


def test_managed_login_returns_to_the_sign_in_methods_with_a_new_passkey(
    page: Page, site: Site
) -> None:
    authenticator = VirtualAuthenticator(page)
    sign_up(page, site, "managed-passkey@example.com")
    page.get_by_role("link", name="Not now").click()
    pool, callback = site.stack.pool, site.url("/accounts/callback/")
    query = urlencode({"client_id": pool.web_client_id, "redirect_uri": callback})
    page.goto(f"{site.stack.login_url}/passkeys/add?{query}")
    with authenticator.touched():
        page.get_by_role("button", name="Create a passkey").click()
        page.wait_for_url(site.url("/accounts/profile/sign-in-methods/"))
    expect(page.get_by_role("link", name="Remove")).to_have_count(1)
