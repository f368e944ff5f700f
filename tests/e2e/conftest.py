"""Headless Chromium, and a Gatehouse for it to visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from infra.setup.browser import ensure_chromium, find_chromium
from tests.support.environment import VARIABLES
from tests.support.gatehouse import Stack, running_gatehouse

FOREIGN_NAME = "evil.example"

# Without them Chromium looks for its maker's servers at every start.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # A name that leads to this machine, as its owner can arrange for one on the internet.
    f"--host-resolver-rules=MAP {FOREIGN_NAME} 127.0.0.1",
    # CI runs as root, where Chromium's sandbox cannot.
    "--no-sandbox",
)
TIMEOUT_MILLISECONDS = 15_000
# A group whose members are superusers.
SUPERUSERS = "superusers"
DEPLOYED = {
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": VARIABLES["DJANGO_SECRET_KEY"],
    "TOKEN_ENCRYPTION_KEYS": VARIABLES["TOKEN_ENCRYPTION_KEYS"],
    "COGNITO_SUPERUSER_GROUPS": SUPERUSERS,
}


@dataclass(frozen=True)
class Site:
    """A running Gatehouse."""

    stack: Stack
    log: Path

    def url(self, path: str) -> str:
        return self.stack.public_url + path


@pytest.fixture(scope="package")
def site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """As it is deployed: without DEBUG, its static files collected and compressed."""
    with running_gatehouse(stack, tmp_path_factory.mktemp("site"), **DEPLOYED) as log:
        yield Site(stack, log)


# Not for the whole session: as long as Playwright runs, Django takes its thread for asynchronous
# and refuses to use a database from it.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # `make test` has done so; a test file that runs alone may be the first to need it.
    ensure_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def browser_context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    return browser_context.new_page()
