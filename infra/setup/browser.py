"""Have Chromium installed, for the tests that drive a browser."""

from __future__ import annotations

import shutil

from infra.setup import debian

# In the order in which tests/e2e looks for them.
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
# Without a font package, pages have no letters.
PACKAGES = ("chromium", "fonts-dejavu-core")


def find_chromium() -> str | None:
    """The path of a Chromium, if this machine has one."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


def ensure_chromium() -> None:
    """Install Chromium unless it is there. Raises InfraError where only a person can do it."""
    debian.ensure("Chromium", PACKAGES, is_there=lambda: find_chromium() is not None)
