"""Install Chromium for the browser tests."""

from __future__ import annotations

import platform
import shutil

from infra.setup import debian

# Chromium without its own windows and menus. The same pages and scripts cost it about half of the
# processor time that they cost the complete browser. Debian has it as a package, Ubuntu does not.
HEADLESS_SHELL = "chromium-headless-shell"
# tests/e2e looks for them in this order.
EXECUTABLES = (HEADLESS_SHELL, "chromium", "chromium-browser", "google-chrome")
# Without a font package, pages show no text.
FONTS = "fonts-dejavu-core"


def find_chromium() -> str | None:
    """Return the path of Chromium, if it is installed."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


def ensure_chromium() -> None:
    """Install Chromium if necessary. Raises InfraError when the developer must do it."""
    packages = (HEADLESS_SHELL if _is_debian() else "chromium", FONTS)
    debian.ensure("Chromium", packages, is_there=lambda: find_chromium() is not None)


def _is_debian() -> bool:
    try:
        return platform.freedesktop_os_release()["ID"] == "debian"
    except OSError:
        return False
