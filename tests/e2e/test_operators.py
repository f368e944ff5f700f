"""The operators' console in a browser, and the effects on the users it acts on."""

from __future__ import annotations

import time

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from infra.tokens import access_token
from infra.users import ensure_user
from tests.e2e.conftest import Site
from tests.e2e.people import PASSWORD, browser_of, enrol_authenticator_app, have_user
from tests.support.application import Stack
from tests.support.browser import expect_heading, new_context, sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

DIRECTORY = "/admin/accounts/directory/"
FIRST, SECOND = "first-operator@example.com", "second-operator@example.com"
INVITED = "invited@example.com"
NEW_PASSWORD = "chosen by the invited user"
# The documented maximum time until every process refuses a revoked token.
REFUSED_WITHIN_SECONDS = 10.0


@pytest.fixture
def operators(stack: Stack) -> None:
    """Create two operators, because an operator cannot change their own rights.

    No other test uses them.
    """
    for email in (FIRST, SECOND):
        ensure_user(
            stack.aws.cognito(),
            user_pool_id=stack.pool.user_pool_id,
            email=email,
            password=PASSWORD,
            groups=["operators"],
        )


def temporary_password(stack: Stack, email: str) -> str:
    """Return the password from the latest invitation."""
    sent = requests.get(f"{stack.aws.endpoint_url}/_ministack/ses/messages", timeout=10).json()
    mails = [mail for of_account in sent["messages"].values() for mail in of_account]
    text = [mail["BodyText"] for mail in mails if mail["To"] == [email]][-1]
    return str(text.partition(" temporary password ")[2].partition(" ")[0])


def search(page: Page, text: str) -> None:
    main = page.get_by_role("main")
    main.get_by_label("Find a person").fill(text)
    main.get_by_role("button", name="Search").click()


def find(page: Page, site: Site, email: str) -> None:
    """Search for a user by address, and open the user's page."""
    page.goto(site.url(DIRECTORY))
    search(page, email)
    page.get_by_role("main").get_by_role("rowheader").get_by_role("link").click()


def do(page: Page, action: str) -> None:
    page.get_by_role("link", name=action, exact=True).click()
    page.get_by_role("button", name=action, exact=True).click()


def status_of(site: Site, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(site.url("/api/v1/me"), headers=headers, timeout=10).status_code


@pytest.mark.usefixtures("operators")
def test_operator_invites_and_disables_a_user_until_another_operator_removes_their_group(
    chromium: Browser, site: Site
) -> None:
    stack = site.stack
    with (
        browser_of(chromium, site, FIRST, PASSWORD, DIRECTORY) as first,
        browser_of(chromium, site, SECOND, PASSWORD, DIRECTORY) as second,
    ):
        expect_heading(first, "Users")
        first.get_by_role("link", name="Invite a user").click()
        first.get_by_label("E-mail address").fill(INVITED)
        first.get_by_role("button", name="Send invitation").click()
        expect(first.get_by_text(f"Cognito sends an invitation to {INVITED}.")).to_be_visible()

        temporary = temporary_password(stack, INVITED)
        with browser_of(chromium, site, INVITED, temporary, "/accounts/profile/") as invited:
            invited.locator("input[name=new_password]").fill(NEW_PASSWORD)
            invited.get_by_role("button", name="Save and sign in").click()
            expect_heading(invited, "Your profile")
            token = access_token(
                stack.aws.cognito(),
                client_id=stack.pool.web_client_id,
                client_secret=stack.pool.web_client_secret,
                email=INVITED,
                password=NEW_PASSWORD,
            )
            assert status_of(site, token) == 200

            first.reload()
            timeline = first.get_by_role("region", name="Timeline")
            expect(timeline).to_contain_text(f"{INVITED} signed in")
            expect(timeline).to_contain_text(f"{FIRST} invited {INVITED}")
            expect(first.get_by_text("Chrome on Linux, last seen")).to_be_visible()

            do(first, "Disable")
            disabled_at = time.monotonic()
            expect(
                first.get_by_text(
                    "The account is disabled, and its sessions on this site have ended."
                )
            ).to_be_visible()
            invited.goto(site.url("/"))
            expect(invited.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
            while status_of(site, token) != 401:
                assert time.monotonic() - disabled_at < REFUSED_WITHIN_SECONDS
                time.sleep(0.2)
            invited.goto(site.url("/accounts/profile/"))
            expect(invited.locator("input[name=username]")).to_be_visible()

        find(second, site, FIRST)
        second.get_by_role("link", name="Remove from a group").click()
        second.get_by_label("Group").select_option("operators")
        second.get_by_role("button", name="Remove from a group").click()
        expect(second.get_by_text("The user is no longer in the group.")).to_be_visible()
        first.goto(site.url("/admin/"))
        expect_heading(first, "You may not open this page")


@pytest.mark.usefixtures("operators")
def test_directory_needs_no_javascript(chromium: Browser, site: Site) -> None:
    have_user(site.stack, "by-hand@example.com")
    with new_context(chromium, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.url(DIRECTORY))
        sign_in(page, SECOND, PASSWORD)
        search(page, "by-hand@")
        page.get_by_role("checkbox", name="Select").check()
        page.get_by_label("With the selected users").select_option("sign-out")
        page.get_by_role("button", name="Apply").click()
        page.get_by_role("button", name="Sign out everywhere").click()
        expect(page.get_by_role("cell", name="Yes", exact=True)).to_be_visible()


@pytest.mark.usefixtures("operators")
def test_operator_helps_a_person_in_less_than_ten_clicks(chromium: Browser, site: Site) -> None:
    stack, email = site.stack, "margaret@example.com"
    have_user(stack, email)
    stack.aws.cognito().admin_update_user_attributes(
        UserPoolId=stack.pool.user_pool_id,
        Username=email,
        UserAttributes=[{"Name": "name", "Value": "Margaret Hamilton"}],
    )
    enrol_authenticator_app(stack, email)
    with browser_of(chromium, site, SECOND, PASSWORD, DIRECTORY) as page:
        clicks: list[str] = []
        page.context.expose_function("countClick", lambda text: clicks.append(text))  # noqa: PLW0108 # Playwright cannot wrap a builtin
        page.context.add_init_script(
            "addEventListener('click', (event) => countClick(event.target.textContent), true)"
        )
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(site.url(DIRECTORY))

        search(page, "marga")
        page.get_by_role("main").get_by_role("rowheader").get_by_role("link").click()
        expect_heading(page, email)
        why = page.get_by_role("region", name="Why can they not sign in?")
        expect(why).to_contain_text("ask for a second factor: Authenticator app.")

        why.get_by_role("link", name="Remove a second factor").click()
        page.get_by_role("button", name="Remove a second factor").click()
        expect(why).to_contain_text("Nothing that Cognito or this site reports")
        page.get_by_role("link", name="Set temporary password").click()
        page.get_by_role("button", name="Set temporary password").click()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        password = page.evaluate("navigator.clipboard.readText()")
        assert password == page.get_by_label("Temporary password").input_value()
        page.get_by_role("link", name="Done").click()

        timeline = page.get_by_role("region", name="Timeline")
        expect(timeline).to_contain_text(f"{SECOND} removed a second factor of {email}")
        expect(timeline).to_contain_text(f"{SECOND} set a temporary password for {email}")
        assert len(clicks) < 10, clicks

    with browser_of(chromium, site, email, password, "/accounts/profile/") as helped:
        helped.locator("input[name=new_password]").fill(NEW_PASSWORD)
        helped.get_by_role("button", name="Save and sign in").click()
        expect_heading(helped, "Your profile")
