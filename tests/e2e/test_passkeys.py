"""Passkeys and codes at the local hosted UI, in Chromium with its virtual authenticator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site
from tests.e2e.people import PASSWORD, read_code
from tests.e2e.test_managed_login import open_mailbox, sign_out
from tests.support.browser import expect_heading
from tests.support.first_factors import first_factors
from tests.support.virtual_authenticator import VirtualAuthenticator

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

EMAIL = "passkey@example.com"


@pytest.fixture(scope="module", autouse=True)
def _factors(site: Site) -> Iterator[None]:
    with first_factors(site.stack.aws.cognito(), site.stack.pool.user_pool_id):
        yield


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
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(site.url("/"))
    page.goto(site.url("/accounts/profile/"))
    expect(page.get_by_text(EMAIL)).to_be_visible()
