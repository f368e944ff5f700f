"""Headless Chromium, and actions that are the same on every page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from infra.local.demo import DEMO_PASSWORD
from infra.setup.browser import ensure_chromium, find_chromium

FOREIGN_NAME = "evil.example"

# Without these options, Chromium sends requests to Google at every start.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # A foreign name that resolves to this machine, as an attacker can arrange with DNS.
    f"--host-resolver-rules=MAP {FOREIGN_NAME} 127.0.0.1",
    # CI runs as root, and Chromium's sandbox does not work for root.
    "--no-sandbox",
)
TIMEOUT_MILLISECONDS = 15_000
# Playwright's own five seconds are not enough while two stacks start on two cores.
expect.set_options(timeout=TIMEOUT_MILLISECONDS)


@contextmanager
def new_context(
    chromium: Browser, *, width: int = 1280, **options: Any
) -> Iterator[BrowserContext]:
    """Yield a browser with its own cookies. `options` are those of Playwright."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    yield context
    context.close()


def sign_in(page: Page, email: str, password: str = DEMO_PASSWORD) -> None:
    """Fill in and submit the sign-in form of the hosted UI, which can have two steps."""
    name, secret = page.get_by_label("E-mail"), page.get_by_label("Password")
    name.or_(secret).first.wait_for()
    # After a failure, the page knows the name.
    if name.is_visible():
        name.fill(email)
        if not secret.is_visible():
            page.get_by_role("button", name="Continue", exact=True).click()
    secret.fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def expect_heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


# The scope is not the session: while Playwright runs, Django takes the thread for an asynchronous
# one and refuses to use a database from it. Packages with browser tests import these fixtures.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # `make test` installs Chromium, but pytest can also be run without it.
    ensure_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with new_context(chromium) as context:
        yield context.new_page()


# Colours do not depend on the width, so two of the four combinations are enough.
@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide-light", "narrow-dark"])
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return options of `new_context`: a width and a colour scheme."""
    width, scheme = request.param
    return {"width": width, "color_scheme": scheme}


@pytest.fixture
def context(chromium: Browser, look: dict[str, Any]) -> Iterator[BrowserContext]:
    with new_context(chromium, **look) as context:
        yield context
