"""Users to sign in as, and what they have in their hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from infra.tokens import access_token
from infra.users import ensure_user
from tests.e2e.conftest import Site
from tests.support.browser import new_context, sign_in
from tests.support.gatehouse import Stack
from tests.support.totp import code_of

PASSWORD = "a long enough password"


def have_user(stack: Stack, email: str) -> None:
    """A confirmed user of the pool, who has PASSWORD."""
    ensure_user(
        stack.aws.cognito(),
        user_pool_id=stack.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=[],
    )


def enrol_authenticator_app(stack: Stack, email: str) -> str:
    """Through the pool's API, as the app would; gives the secret."""
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
    """Yield a page that needed a sign-in, in a browser of its own."""
    with new_context(chromium) as context:
        page = context.new_page()
        page.goto(site.url(path))
        sign_in(page, email, password)
        yield page


def read_code(page: Page, email: str) -> str:
    """The code in the latest mail to that address, as the mailbox page shows it."""
    mail = page.locator("article", has_text=f"To {email},").first
    return mail.locator(".code").inner_text()
