"""Users of the browser tests, with their authenticator apps and e-mails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from infra.tokens import access_token
from infra.users import ensure_user
from tests.e2e.conftest import Site
from tests.support.application import Stack
from tests.support.browser import new_context, sign_in
from tests.support.totp import code_of

PASSWORD = "a long enough password"


def have_user(stack: Stack, email: str) -> None:
    """Create a confirmed user with PASSWORD in the pool."""
    ensure_user(
        stack.aws.cognito(),
        user_pool_id=stack.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=[],
    )


def enrol_authenticator_app(stack: Stack, email: str) -> str:
    """Enrol an authenticator app through the pool's API, and return its secret."""
    cognito = stack.aws.cognito()
    token = access_token(
        cognito,
        client_id=stack.pool.web_client_id,
        client_secret=stack.pool.web_client_secret,
        email=email,
        password=PASSWORD,
    )
    secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=code_of(secret))
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return secret


@contextmanager
def browser_of(
    chromium: Browser, site: Site, email: str, password: str, path: str
) -> Iterator[Page]:
    """Open a new browser, sign in on the way to `path`, and yield the page."""
    with new_context(chromium) as context:
        page = context.new_page()
        page.goto(site.url(path))
        sign_in(page, email, password)
        yield page


def read_code(page: Page, email: str) -> str:
    """Return the code in the latest e-mail to that address from the mailbox page."""
    mail = page.locator("article", has_text=f"To {email},").first
    return mail.locator(".code").inner_text()
