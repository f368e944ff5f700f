"""A session with an old sign-in confirms it in a browser, and forms keep their values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, Page, expect

from infra.users import ensure_user
from local_cognito.login.user_pool.web_endpoints import WebEndpoints
from tests.e2e.conftest import STEP_UP_SECONDS, SUPERUSERS, Site
from tests.e2e.people import PASSWORD, browser_of
from tests.support.application import Stack
from tests.support.browser import expect_heading, sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

EMAIL, OTHER = "step-up@example.com", "other-step-up@example.com"
OPERATOR = "step-up-operator@example.com"  # only with console
PAGE = "/accounts/second-factor/"
GROUPS = "/admin/accounts/directory/groups/"  # only with console
SET_UP = "Set up an authenticator app"
OLD_SECONDS = STEP_UP_SECONDS + 400


def have_user(stack: Stack, email: str, *groups: str) -> None:
    ensure_user(
        stack.aws.cognito(),
        user_pool_id=stack.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=list(groups),
    )


def set_clock(stack: Stack, seconds: int) -> None:
    WebEndpoints(stack.aws.endpoint_url).call(
        "LocalSetClock", {"Offset": seconds}, region="eu-west-1"
    )


@contextmanager
def old_session(
    chromium: Browser, site: Site, email: str, path: str, heading: str
) -> Iterator[Page]:
    """Open `path` in a browser whose user has signed in OLD_SECONDS ago."""
    set_clock(site.stack, -OLD_SECONDS)
    try:
        with browser_of(chromium, site, email, PASSWORD, path) as page:
            expect_heading(page, heading)
            set_clock(site.stack, 0)
            yield page
    finally:
        set_clock(site.stack, 0)


def confirm(page: Page, site: Site, email: str) -> None:
    """Sign in at the hosted UI, which does so although its own session has not ended."""
    expect(page.get_by_label("E-mail")).to_be_visible()
    assert page.url.startswith(site.stack.login_url)
    sign_in(page, email, PASSWORD)


def test_user_confirms_who_they_are_before_the_second_factor_changes(
    chromium: Browser, site: Site
) -> None:
    have_user(site.stack, EMAIL)
    have_user(site.stack, OTHER)
    with old_session(chromium, site, EMAIL, PAGE, "Second factor") as page:
        page.get_by_role("button", name=SET_UP).click()
        confirm(page, site, OTHER)
        expect_heading(page, "You signed in as another user")
        expect(page.get_by_text(f"You are still signed in as {EMAIL}")).to_be_visible()

        page.get_by_role("link", name="Start again").click()
        confirm(page, site, EMAIL)
        expect_heading(page, "Second factor")
        page.get_by_role("button", name=SET_UP).click()
        expect_heading(page, SET_UP)


# begin capability console
def test_form_is_shown_again_with_its_values_after_the_confirmation(
    chromium: Browser, site: Site
) -> None:
    with suppress(ClientError):
        # Another test may have created it.
        pool_id = site.stack.pool.user_pool_id
        site.stack.aws.cognito().create_group(UserPoolId=pool_id, GroupName=SUPERUSERS)
    have_user(site.stack, OPERATOR, SUPERUSERS)
    with old_session(chromium, site, OPERATOR, GROUPS, "Groups") as page:
        page.get_by_label("Name").fill("reviewers")
        page.get_by_label("Description").fill("They check & approve")
        page.get_by_role("button", name="Create group").click()
        confirm(page, site, OPERATOR)

        expect_heading(page, "Groups")
        expect(page.get_by_label("Name")).to_have_value("reviewers")
        expect(page.get_by_label("Description")).to_have_value("They check & approve")
        expect(page.get_by_role("link", name="reviewers")).to_have_count(0)
        page.get_by_role("button", name="Create group").click()
        expect(page.get_by_text('Created the group "reviewers".')).to_be_visible()
        expect(page.get_by_label("Name")).to_have_value("")


# end capability console
