"""Passkeys and codes at the local hosted UI, in Chromium with its virtual authenticator."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Error, Page, expect

from infra.local.demo import DEMO_PASSWORD, USER
from infra.tokens import access_token
from tests.e2e.conftest import Site
from tests.e2e.other_app import serving
from tests.e2e.people import PASSWORD, have_user, read_code
from tests.e2e.test_managed_login import open_mailbox, sign_out
from tests.support.browser import expect_heading
from tests.support.virtual_authenticator import VirtualAuthenticator

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

EMAIL = "passkey@example.com"


def sign_up(page: Page, site: Site, email: str) -> None:
    page.goto(site.url("/accounts/sign-up/"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    mailbox = open_mailbox(page, "mailbox (opens a new tab)")
    page.get_by_label("Code").fill(read_code(mailbox, email))
    # Browsers create passkeys only for the page in front.
    mailbox.close()
    page.get_by_role("button", name="Confirm account").click()


def test_user_signs_up_and_signs_in_with_a_passkey(page: Page, site: Site) -> None:
    authenticator = VirtualAuthenticator(page)
    sign_up(page, site, EMAIL)
    expect_heading(page, "Create a passkey")
    with authenticator.touched():
        page.get_by_role("button", name="Create a passkey").click()
        page.wait_for_url(site.url("/"))
    assert len(authenticator) == 1
    sign_out(page)

    # The browser offers the passkey in the field for the e-mail address.
    with authenticator.touched():
        page.goto(site.url("/accounts/login/"))
        page.wait_for_url(site.url("/"))
    sign_out(page)

    page.goto(site.url("/accounts/login/"))
    expect_heading(page, "Sign in")
    with authenticator.touched():
        # The browser's offer in the field may be faster than the button.
        with suppress(Error):
            page.get_by_role("button", name="Sign in with a passkey").click(timeout=2_000)
        page.wait_for_url(site.url("/"))
    page.goto(site.url("/accounts/profile/"))
    expect(page.get_by_text(EMAIL)).to_be_visible()


def add_passkey_url(site: Site) -> str:
    """Return the address to which an app sends a browser, with the parameters that AWS requires."""
    parameters = {
        "client_id": site.stack.pool.app_client_id,
        "redirect_uri": f"{site.stack.app_url}/callback",
    }
    return f"{site.stack.login_url}/passkeys/add?{urlencode(parameters)}"


def remove_passkey(site: Site, email: str) -> None:
    cognito, pool = site.stack.aws.cognito(), site.stack.pool
    token = access_token(
        cognito,
        client_id=pool.web_client_id,
        client_secret=pool.web_client_secret,
        email=email,
        password=PASSWORD,
    )
    [passkey] = cognito.list_web_authn_credentials(AccessToken=token)["Credentials"]
    cognito.delete_web_authn_credential(AccessToken=token, CredentialId=passkey["CredentialId"])


def test_second_device_signs_in_by_code_and_gets_a_passkey_that_can_be_removed(
    page: Page, site: Site
) -> None:
    email = "second-device@example.com"
    have_user(site.stack, email)
    authenticator = VirtualAuthenticator(page)
    page.goto(site.url("/accounts/login/"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Continue").click()
    expect_heading(page, "Choose how to sign in")
    page.get_by_role("button", name="E-mail me a code").click()
    mailbox = open_mailbox(page, "mailbox (opens a new tab)")
    code = read_code(mailbox, email)
    mailbox.close()
    page.get_by_label("Code").fill("00000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("This code is incorrect. Try again.")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(site.url("/"))

    with serving(site.stack.app_url):
        page.goto(add_passkey_url(site))
        expect_heading(page, "Create a passkey")
        with authenticator.touched():
            page.get_by_role("button", name="Create a passkey").click()
            page.wait_for_url(f"{site.stack.app_url}/callback")
    # The device has a passkey for this account, so the browser creates no other.
    page.goto(add_passkey_url(site))
    with authenticator.touched():
        page.get_by_role("button", name="Create a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("already has a passkey")
    assert len(authenticator) == 1

    remove_passkey(site, email)
    page.goto(site.url("/"))
    sign_out(page)
    # The authenticator still has the passkey, and offers it as soon as the page is open.
    with authenticator.touched():
        page.goto(site.url("/accounts/login/"))
        expect(page.locator(".problem p")).to_contain_text("This passkey was not accepted.")


def test_device_without_a_passkey_leaves_the_other_ways(page: Page, site: Site) -> None:
    VirtualAuthenticator(page)
    # Chromium waits for another authenticator, until the options expire after minutes. The page
    # gets the error of that moment at once.
    page.add_init_script(
        """const get = CredentialsContainer.prototype.get;
        CredentialsContainer.prototype.get = function (options) {
          return options.mediation === "conditional"
            ? get.call(this, options)
            : Promise.reject(new DOMException("No passkey.", "NotAllowedError"));
        };"""
    )
    page.goto(site.url("/accounts/login/"))
    page.get_by_label("E-mail").fill(USER.email)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").last).to_have_text(
        "No passkey was used. Try again, or use another way."
    )
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(site.url("/"))
