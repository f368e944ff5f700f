"""Everything that users can do in the local hosted UI, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from tests.e2e.conftest import Site
from tests.e2e.other_app import serving
from tests.e2e.people import PASSWORD, enrol_authenticator_app, have_user, read_code
from tests.support.application import Stack
from tests.support.browser import expect_heading, sign_in
from tests.support.totp import code_of, wrong_code_of

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

NEW_PASSWORD = "an even longer password"


@pytest.fixture(scope="module")
def other_app(stack: Stack) -> Iterator[str]:
    with serving(stack.app_url):
        yield f"{stack.app_url}/callback"


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect_heading(page, "You are signed out")


def open_mailbox(page: Page, link_name: str) -> Page:
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=link_name).click()
    return opened.value


def other_app_url(stack: Stack, **changes: str) -> str:
    """Return the address at which another app of the same pool begins a sign-in."""
    parameters = {
        "response_type": "code",
        "client_id": stack.pool.app_client_id,
        "redirect_uri": f"{stack.app_url}/callback",
        "scope": "openid",
        "state": "of-the-other-app",
        **changes,
    }
    return f"{stack.login_url}/oauth2/authorize?{urlencode(parameters)}"


@contextmanager
def required_second_factor(stack: Stack) -> Iterator[None]:
    def configure(mfa: str) -> None:
        stack.aws.cognito().set_user_pool_mfa_config(
            UserPoolId=stack.pool.user_pool_id,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            MfaConfiguration=mfa,  # type: ignore[arg-type] # the stub expects one of three strings
        )

    configure("ON")
    try:
        yield
    finally:
        configure("OPTIONAL")


def test_visitor_creates_an_account_with_the_code_from_the_mailbox(page: Page, site: Site) -> None:
    email = "newcomer@example.com"
    page.goto(site.url("/"))
    page.get_by_role("main").get_by_role("link", name="Create account").click()
    expect_heading(page, "Create an account")
    page.get_by_label("E-mail").fill("Newcomer@Example.com")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_contain_text("greater than or equal to 12")
    expect(page.get_by_label("E-mail")).to_have_value(email)

    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect_heading(page, "Confirm your account")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm account").click()
    expect(page.get_by_role("alert")).to_have_text("This code is incorrect. Try again.")
    page.get_by_role("button", name="Send another code").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    mailbox = open_mailbox(page, "mailbox (opens a new tab)")
    expect(mailbox.get_by_text(f"To {email},")).to_have_count(2)
    page.get_by_label("Code").fill(read_code(mailbox, email))
    page.get_by_role("button", name="Confirm account").click()
    expect_heading(page, "Create a passkey")
    page.get_by_role("link", name="Not now").click()

    assert page.url == site.url("/"), "confirming an account signs the user in, as on AWS"
    page.goto(site.url("/accounts/profile/"))
    expect(page.get_by_text(email)).to_be_visible()
    expect(page.get_by_text("not verified")).to_have_count(0)
    sign_out(page)

    page.goto(site.url("/accounts/login/"))
    sign_in(page, email, PASSWORD)
    assert page.url == site.url("/")


def test_unconfirmed_user_who_signs_in_is_asked_for_the_code(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/sign-up/"))
    page.get_by_label("E-mail").fill("interrupted@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect_heading(page, "Confirm your account")
    page.goto(site.url("/accounts/login/"))
    sign_in(page, "interrupted@example.com", PASSWORD)
    expect_heading(page, "Confirm your account")
    expect(page.get_by_label("E-mail")).to_have_value("interrupted@example.com")
    mailbox = open_mailbox(page, "mailbox (opens a new tab)")
    page.get_by_label("Code").fill(read_code(mailbox, "interrupted@example.com"))
    page.get_by_role("button", name="Confirm account").click()
    expect_heading(page, "Sign in")
    expect(page.get_by_role("status")).to_contain_text("Sign in now")
    expect(page.get_by_label("E-mail")).to_have_value("interrupted@example.com")


def test_sign_up_with_a_used_address_is_refused(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/sign-up/"))
    page.get_by_label("E-mail").fill(USER.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_contain_text("This e-mail address is already in use")


def test_user_resets_a_forgotten_password_with_the_code_from_the_mailbox(
    page: Page, site: Site
) -> None:
    email = "forgetful@example.com"
    have_user(site.stack, email)
    page.goto(site.url("/accounts/login/"))
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the code").click()
    expect_heading(page, "Choose a new password")
    mailbox = open_mailbox(page, "mailbox (opens a new tab)")
    page.get_by_label("Code").fill(read_code(mailbox, email))
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()

    expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    sign_in(page, email, PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("password is incorrect")
    sign_in(page, email, NEW_PASSWORD)
    assert page.url == site.url("/")


def test_unknown_address_gets_the_same_reset_pages_and_no_mail(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/login/"))
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill("unknown@example.com")
    page.get_by_role("button", name="Send the code").click()
    expect_heading(page, "Choose a new password")
    page.get_by_label("Code").fill("654321")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_have_text("This code is incorrect. Try again.")
    page.goto(f"{site.stack.login_url}/mailbox")
    expect(page.get_by_text("To unknown@example.com")).to_have_count(0)


def test_invited_user_replaces_the_temporary_password(page: Page, site: Site) -> None:
    email, temporary = "newly-hired@example.com", "temporary-1-password"
    site.stack.aws.cognito().admin_create_user(
        UserPoolId=site.stack.pool.user_pool_id,
        Username=email,
        TemporaryPassword=temporary,
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ],
        DesiredDeliveryMediums=["EMAIL"],
    )
    page.goto(f"{site.stack.login_url}/mailbox")
    expect(page.locator("article", has_text=f"To {email},")).to_contain_text(temporary)

    page.goto(site.url("/accounts/login/"))
    sign_in(page, email, temporary)
    expect_heading(page, "Choose a new password")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("greater than or equal to 12")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    assert page.url == site.url("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(email)


def test_user_with_an_authenticator_app_is_asked_for_its_code(page: Page, site: Site) -> None:
    email = "careful@example.com"
    have_user(site.stack, email)
    secret = enrol_authenticator_app(site.stack, email)
    page.goto(site.url("/accounts/login/"))
    sign_in(page, email, PASSWORD)
    expect_heading(page, "Enter your code")
    page.get_by_label("Code").fill(wrong_code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("This code is incorrect. Try again.")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    assert page.url == site.url("/")


def test_five_incorrect_codes_end_the_sign_in(page: Page, site: Site) -> None:
    email = "guessed@example.com"
    have_user(site.stack, email)
    secret = enrol_authenticator_app(site.stack, email)
    page.goto(site.url("/accounts/login/"))
    sign_in(page, email, PASSWORD)
    for _ in range(5):
        expect_heading(page, "Enter your code")
        page.get_by_label("Code").fill(wrong_code_of(secret))
        page.get_by_role("button", name="Sign in").click()
    expect_heading(page, "Choose how to sign in")
    expect(page.get_by_role("alert")).to_contain_text("Too many incorrect answers")


def test_user_enrols_at_sign_in_if_the_pool_requires_a_second_factor(
    page: Page, site: Site
) -> None:
    email = "enrolling@example.com"
    have_user(site.stack, email)
    with required_second_factor(site.stack):
        page.goto(site.url("/accounts/login/"))
        sign_in(page, email, PASSWORD)
        expect_heading(page, "Set up an authenticator app")
        expect(page.get_by_role("img", name="QR code")).to_be_visible()
        secret = page.locator("code").inner_text()
        page.get_by_label("Code").fill(wrong_code_of(secret))
        page.get_by_role("button", name="Turn on and sign in").click()
        expect(page.get_by_role("alert")).to_have_text("This code is incorrect. Try again.")
        assert page.locator("code").inner_text() == secret
        page.get_by_label("Code").fill(code_of(secret))
        page.get_by_role("button", name="Turn on and sign in").click()
        assert page.url == site.url("/")
        sign_out(page)

        page.goto(site.url("/accounts/login/"))
        sign_in(page, email, PASSWORD)
        expect_heading(page, "Enter your code")


def test_another_app_signs_in_silently_with_its_own_state(
    page: Page, site: Site, other_app: str
) -> None:
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email, DEMO_PASSWORD)
    page.goto(other_app_url(site.stack, prompt="none"))
    assert page.url.startswith(f"{other_app}?code=")
    answer = parse_qs(urlsplit(page.url).query)
    assert answer["state"] == ["of-the-other-app"]
    assert "code" in answer


def test_another_user_can_sign_in_while_a_user_is_signed_in(
    page: Page, site: Site, other_app: str
) -> None:
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email, DEMO_PASSWORD)
    page.goto(other_app_url(site.stack, prompt="select_account"))
    expect_heading(page, "Continue to the app")
    expect(page.get_by_text(USER.email)).to_be_visible()
    page.get_by_role("link", name="Sign in as another user").click()
    sign_in(page, OPERATOR.email, DEMO_PASSWORD)
    assert page.url.startswith(f"{other_app}?code=")

    page.goto(other_app_url(site.stack, prompt="select_account"))
    expect(page.get_by_text(OPERATOR.email)).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    assert page.url.startswith(f"{other_app}?code=")


def test_signing_out_through_the_app_leaves_no_silent_sign_in(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email, DEMO_PASSWORD)
    sign_out(page)
    page.goto(site.url("/accounts/login/"))
    expect_heading(page, "Sign in")


def test_deleting_only_our_cookies_leaves_a_silent_sign_in(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email, DEMO_PASSWORD)
    page.context.clear_cookies(name=re.compile(r"^(?!local-login-)"))
    page.goto(site.url("/"))
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()

    page.goto(site.url("/accounts/login/"))
    assert page.url == site.url("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(USER.name)


def test_no_secret_is_in_the_log_of_the_hosted_ui(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email, DEMO_PASSWORD)
    assert page.url == site.url("/")
    log = site.stack.login_log.read_text()
    assert "POST /login 302" in log
    secrets = (DEMO_PASSWORD, PASSWORD, NEW_PASSWORD, "123456", "654321", "code=", "state=", "eyJ")
    assert [
        secret for secret in (*secrets, site.stack.pool.web_client_secret) if secret in log
    ] == []
    assert "Traceback" not in log
