"""Every page of the local hosted UI is accessible and self-contained, at both widths."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from infra.local.demo import DEMO_PASSWORD, USER
from tests.e2e.other_app import serving
from tests.e2e.people import PASSWORD, enrol_authenticator_app, have_user
from tests.e2e.test_managed_login import required_second_factor
from tests.e2e.test_pages import faults
from tests.support.application import Stack
from tests.support.browser import expect_heading, sign_in
from tests.support.first_factors import first_factors

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

PATHS = {
    "/": "Local sign-in service",
    "/login": "Sign in",
    "/signup": "Create an account",
    "/confirmUser": "Confirm your account",
    "/forgotPassword": "Forgot your password?",
    "/confirmForgotPassword": "Choose a new password",
    "/mailbox": "Mailbox",
    "/nowhere": "Page not found",
}


def url(stack: Stack, path: str, **changes: str) -> str:
    parameters = {
        "response_type": "code",
        "client_id": stack.pool.web_client_id,
        "redirect_uri": f"{stack.public_url}/accounts/callback/",
        "scope": "openid",
        **changes,
    }
    return f"{stack.login_url}{path}?{urlencode(parameters)}"


def check(page: Page, title: str) -> None:
    expect_heading(page, title)
    assert faults(page) == []
    expect(page.get_by_text("Local stand-in", exact=True)).to_be_visible()


def test_pages_that_a_visitor_can_open_are_accessible(
    context: BrowserContext, stack: Stack
) -> None:
    page = context.new_page()
    asked_for: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for path, title in PATHS.items():
        answer = page.goto(url(stack, path, notice="sent"))
        assert answer is not None
        assert answer.headers["cache-control"] == "no-store"
        check(page, title)
    assert {address.startswith(stack.login_url) for address in asked_for} == {True}
    assert [text for text in complaints if "404" not in text] == []


def test_mailbox_shows_a_new_mail_and_copies_its_code(
    context: BrowserContext, stack: Stack
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    mailbox, page = context.new_page(), context.new_page()
    mailbox.goto(f"{stack.login_url}/mailbox")
    mails = mailbox.locator("article", has_text=f"To {USER.email},")
    earlier = mails.count()
    page.goto(url(stack, "/login"))
    page.get_by_label("E-mail").fill(USER.email)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="E-mail me a code").click()
    # A hidden page does not poll.
    mailbox.bring_to_front()
    expect(mails).to_have_count(earlier + 1)
    mail = mails.first
    mail.get_by_role("button", name="Copy").click()
    expect(mail.get_by_role("button")).to_have_text("Copied")
    assert mailbox.evaluate("navigator.clipboard.readText()") == mail.locator(".code").inner_text()
    assert faults(mailbox) == []


def test_password_can_be_shown_and_hidden(page: Page, stack: Stack) -> None:
    page.goto(url(stack, "/signup"))
    password = page.get_by_label("Password")
    password.fill("a long enough password")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(password).to_have_attribute("type", "text")
    expect(page.get_by_role("button", name="Hide password")).to_be_focused()
    page.keyboard.press("Enter")
    expect(password).to_have_attribute("type", "password")


def test_who_types_before_the_scripts_are_there_keeps_the_focus(page: Page, stack: Stack) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/show-password.js", hold)
    page.goto(url(stack, "/signup"), wait_until="commit")
    page.get_by_label("Password").focus()
    page.keyboard.type("a long ")
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_role("button", name="Show password")).to_be_visible()
    page.keyboard.type("enough password")
    expect(page.get_by_label("Password")).to_have_value("a long enough password")


def test_demo_user_signs_in_with_one_click(page: Page, stack: Stack) -> None:
    page.goto(url(stack, "/login", **app_of(stack)))
    with serving(stack.app_url):
        page.get_by_role("button", name=USER.name).click()
        page.wait_for_url(f"{stack.app_url}/callback?*")


def app_of(stack: Stack) -> dict[str, str]:
    return {"client_id": stack.pool.app_client_id, "redirect_uri": f"{stack.app_url}/callback"}


def test_pages_of_a_sign_in_are_accessible(context: BrowserContext, stack: Stack) -> None:
    cognito, pool_id = stack.aws.cognito(), stack.pool.user_pool_id
    have_user(stack, "paged@example.com")
    page = context.new_page()
    page.goto(url(stack, "/login"))
    sign_in(page, "paged@example.com", "not the password")
    check(page, "Choose how to sign in")
    expect(page.get_by_role("alert")).to_be_visible()
    with required_second_factor(stack):
        sign_in(page, "paged@example.com", PASSWORD)
        check(page, "Set up an authenticator app")
    enrol_authenticator_app(stack, "paged@example.com")
    page.goto(url(stack, "/login"))
    sign_in(page, "paged@example.com", PASSWORD)
    check(page, "Enter your code")
    cognito.admin_delete_user(UserPoolId=pool_id, Username="paged@example.com")

    have_user(stack, "temporary@example.com")
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="temporary@example.com", Password=PASSWORD, Permanent=False
    )
    page.goto(url(stack, "/login"))
    sign_in(page, "temporary@example.com", PASSWORD)
    check(page, "Choose a new password")

    app = app_of(stack)
    with first_factors(cognito, pool_id, ("PASSWORD",)):
        page.goto(url(stack, "/login"))
        check(page, "Sign in")
        expect(page.get_by_label("Password")).to_be_visible()
    page.goto(url(stack, "/login"))
    check(page, "Sign in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    page.get_by_label("E-mail").fill(USER.email)
    page.get_by_role("button", name="Continue").click()
    check(page, "Choose how to sign in")
    page.get_by_role("button", name="E-mail me a code").click()
    check(page, "Enter the code from your e-mail")
    page.get_by_role("button", name="Use another way").click()
    expect_heading(page, "Choose how to sign in")
    page.goto(url(stack, "/passkeys/add", **app))
    sign_in(page, USER.email, DEMO_PASSWORD)
    check(page, "Create a passkey")
    context.clear_cookies()

    with serving(stack.app_url):
        page.goto(url(stack, "/login", **app))
        sign_in(page, USER.email, DEMO_PASSWORD)
        page.wait_for_url(f"{stack.app_url}/callback?*")
    page.goto(url(stack, "/login", **app))
    check(page, "Continue to the app")
