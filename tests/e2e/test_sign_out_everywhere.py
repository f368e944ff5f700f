"""Signing out everywhere ends all browser sessions of a user and revokes all bearer tokens."""

from __future__ import annotations

import time
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Browser, expect

from infra.tokens import access_token
from infra.users import ensure_user
from tests.e2e.conftest import Site
from tests.e2e.people import browser_of
from tests.support.browser import expect_heading

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

# No other test uses this user, because signing out everywhere would end its sessions.
EMAIL = "two-browsers@example.com"
PASSWORD = "two-browsers-at-once"
# The documented maximum time until every process refuses a revoked token.
REFUSED_WITHIN_SECONDS = 10.0


def status_of(site: Site, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(site.url("/api/v1/me"), headers=headers, timeout=10).status_code


def test_signing_out_everywhere_ends_other_sessions_and_revokes_bearer_tokens(
    chromium: Browser, site: Site
) -> None:
    aws, pool = site.stack.aws, site.stack.pool
    ensure_user(
        aws.cognito(), user_pool_id=pool.user_pool_id, email=EMAIL, password=PASSWORD, groups=[]
    )
    token = access_token(
        aws.cognito(),
        client_id=pool.web_client_id,
        client_secret=pool.web_client_secret,
        email=EMAIL,
        password=PASSWORD,
    )
    with (
        browser_of(chromium, site, EMAIL, PASSWORD, "/accounts/profile/devices/") as here,
        browser_of(chromium, site, EMAIL, PASSWORD, "/accounts/profile/devices/") as there,
    ):
        for page in (here, there):
            expect_heading(page, "Your devices")
        assert status_of(site, token) == 200

        here.reload()
        expect(
            here.get_by_role("listitem").get_by_text("Chrome on Linux", exact=True)
        ).to_have_count(2)
        here.get_by_role("button", name="Sign out everywhere").click()
        signed_out_at = time.monotonic()
        expect(here.get_by_role("heading", level=1)).to_have_text("You are signed out")

        there.goto(site.url("/"))
        expect(there.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
        # The other browser is still signed in at the hosted UI, as on AWS. A code from there is of
        # the sign-in that has ended.
        there.goto(site.url("/accounts/profile/"))
        expect_heading(there, "This sign-in was ended")
        there.get_by_role("link", name="Start again").click()
        expect_heading(there, "You are signed out")
        there.goto(site.url("/accounts/profile/"))
        expect(there.locator("input[name=username]")).to_be_visible()
        here.goto(site.url("/accounts/profile/"))
        expect(here.locator("input[name=username]")).to_be_visible()

        while status_of(site, token) != 401:
            assert time.monotonic() - signed_out_at < REFUSED_WITHIN_SECONDS
            time.sleep(0.2)
        assert time.monotonic() - signed_out_at < REFUSED_WITHIN_SECONDS


def test_signing_out_everywhere_signs_other_browsers_out_at_the_hosted_ui(
    chromium: Browser, site: Site
) -> None:
    # The stubs lack the operations of sessions.
    cognito: Any = site.stack.aws.cognito()
    pool_id = site.stack.pool.user_pool_id
    email = "tracked@example.com"
    ensure_user(cognito, user_pool_id=pool_id, email=email, password=PASSWORD, groups=[])

    def track(state: Literal["ENABLED", "DISABLED"]) -> None:
        cognito.set_user_pool_session_configuration(
            UserPoolId=pool_id, UserSessionTracking=state, TokenSession={"MaxPerUser": 20}
        )

    track("ENABLED")
    try:
        with (
            browser_of(chromium, site, email, PASSWORD, "/accounts/profile/devices/") as here,
            browser_of(chromium, site, email, PASSWORD, "/accounts/profile/devices/") as there,
        ):
            expect_heading(there, "Your devices")
            here.get_by_role("button", name="Sign out everywhere").click()
            expect_heading(here, "You are signed out")
            # Without tracking, the hosted UI would sign this browser in without a question.
            there.goto(site.url("/accounts/profile/"))
            expect_heading(there, "Sign in")
            assert there.url.startswith(site.stack.login_url)
    finally:
        track("DISABLED")
