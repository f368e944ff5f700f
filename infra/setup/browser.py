"""Install Chromium for the browser tests."""

from __future__ import annotations

import shutil

from infra.setup import debian

# tests/e2e looks for them in this order.
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
# Without a font package, pages show no text.
PACKAGES = ("chromium", "fonts-dejavu-core")


def find_chromium() -> str | None:
    """Return the path of Chromium, if it is installed."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


def ensure_chromium() -> None:
    """Install Chromium if necessary. Raises InfraError when the developer must do it."""
    debian.ensure("Chromium", PACKAGES, is_there=lambda: find_chromium() is not None)
