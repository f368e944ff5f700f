"""A new user signs up, enrols an authenticator app and recovers the password in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site
from tests.e2e.people import PASSWORD, read_code
from tests.e2e.test_managed_login import NEW_PASSWORD, open_mailbox, sign_out
from tests.support.browser import expect_heading, sign_in
from tests.support.totp import code_of, wrong_code_of

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

EMAIL = "grace@example.com"


def create_account(page: Page, site: Site) -> None:
    page.goto(site.url("/"))
    page.get_by_role("main").get_by_role("link", name="Create account").click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect_heading(page, "Confirm your account")
    mailbox = open_mailbox(page, "mailbox (opens a new tab)")
    page.get_by_label("Code").fill(read_code(mailbox, EMAIL))
    mailbox.close()
    page.get_by_role("button", name="Confirm account").click()
    page.get_by_role("link", name="Not now").click()
    # The confirmation signed the user in, as on AWS. The test signs in with the password.
    sign_out(page)


def enrol(page: Page, site: Site) -> str:
    """Enrol an authenticator app on the profile page, and return its secret."""
    page.goto(site.url("/accounts/profile/"))
    page.get_by_role("link", name="Security", exact=True).click()
    page.get_by_role("link", name="Set up Authenticator app").click()
    expect_heading(page, "Second factor")
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    page.get_by_role("button", name="Set up an authenticator app").click()
    expect_heading(page, "Set up an authenticator app")
    square = page.get_by_role("img", name="QR code")
    expect(square).to_be_visible()
    assert square.evaluate("image => image.complete && image.naturalWidth > 100")
    secret = page.locator("code.key").inner_text()

    page.get_by_label("Code").fill(wrong_code_of(secret))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    expect(page.get_by_label("Code")).to_be_focused()
    assert page.locator("code.key").inner_text() == secret
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Switch on").click()
    expect_heading(page, "Second factor")
    expect(page.get_by_text("On", exact=True)).to_be_visible()
    return secret


def answer_the_challenge(page: Page, secret: str) -> None:
    expect_heading(page, "Enter your code")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()


def reset_password(page: Page) -> None:
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_role("button", name="Send the code").click()
    expect_heading(page, "Choose a new password")
    mailbox = open_mailbox(page, "mailbox (opens a new tab)")
    page.get_by_label("Code").fill(read_code(mailbox, EMAIL))
    mailbox.close()
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")


def test_new_user_signs_up_enrols_an_app_and_recovers_the_password(page: Page, site: Site) -> None:
    create_account(page, site)
    page.goto(site.url("/accounts/login/"))
    sign_in(page, EMAIL, PASSWORD)
    assert page.url == site.url("/"), "a new user has no second factor"
    secret = enrol(page, site)
    sign_out(page)

    page.goto(site.url("/accounts/login/"))
    sign_in(page, EMAIL, PASSWORD)
    answer_the_challenge(page, secret)
    assert page.url == site.url("/")
    sign_out(page)

    page.goto(site.url("/accounts/login/"))
    reset_password(page)
    sign_in(page, EMAIL, NEW_PASSWORD)
    answer_the_challenge(page, secret)
    assert page.url == site.url("/")

    page.goto(site.url("/accounts/second-factor/"))
    page.get_by_role("link", name="Switch off").click()
    expect_heading(page, "Switch off the second factor?")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    sign_out(page)
    page.goto(site.url("/accounts/login/"))
    sign_in(page, EMAIL, NEW_PASSWORD)
    assert page.url == site.url("/"), "the user has no second factor after it was switched off"
    assert EMAIL not in site.log.read_text()
    assert secret not in site.log.read_text()
