"""Run a Gatehouse for tests in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.application import Stack, running_application
from tests.support.browser import chromium, new_context, page
from tests.support.environment import VARIABLES

__all__ = ["chromium", "page"]

# A group whose members are superusers.
SUPERUSERS = "superusers"
STEP_UP_SECONDS = 3600
DEPLOYED = {
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": VARIABLES["DJANGO_SECRET_KEY"],
    "TOKEN_ENCRYPTION_KEYS": VARIABLES["TOKEN_ENCRYPTION_KEYS"],
    "COGNITO_SUPERUSER_GROUPS": SUPERUSERS,
    # Some files sign in once for many tests, which a slow machine takes long for.
    "COGNITO_STEP_UP_SECONDS": str(STEP_UP_SECONDS),
}


@dataclass(frozen=True)
class Site:
    """A running Gatehouse."""

    stack: Stack
    log: Path

    def url(self, path: str) -> str:
        return self.stack.public_url + path


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Yield a browser with a narrow window and dark colours, the last of `test_pages.LOOKS`."""
    with new_context(chromium, width=390, color_scheme="dark") as context:
        yield context


@pytest.fixture(scope="package")
def site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the application as it is deployed: without DEBUG, with compressed static files."""
    with running_application(stack, tmp_path_factory.mktemp("site"), **DEPLOYED) as log:
        yield Site(stack, log)
