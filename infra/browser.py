"""Have Chromium installed, from Debian's own package, for the tests that drive a browser."""

from __future__ import annotations

import os
import shutil
import subprocess

from infra import environments
from infra.errors import InfraError
from infra.progress import run_step

# In the order in which tests/e2e looks for them.
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
# Without a font package, pages have no letters.
PACKAGES = ("chromium", "fonts-dejavu-core")


def find_chromium() -> str | None:
    """The path of a Chromium, if this machine has one."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


def ensure_chromium() -> None:
    """Install Chromium unless it is there. Raises InfraError where only a person can do it."""
    if find_chromium():
        return
    by_hand = f"`apt-get install {' '.join(PACKAGES)}`"
    if not shutil.which("apt-get"):
        raise InfraError(f"The tests need Chromium: install it. On Debian: {by_hand}.")
    prefix: tuple[str, ...] = ()
    if os.geteuid() != 0:
        if not _succeeds("sudo", "-n", "true"):
            raise InfraError(f"The tests need Chromium. As root, run {by_hand}, then try again.")
        prefix = ("sudo", "-n")
    _apt("Updating the list of Debian's packages", *prefix, "apt-get", "update")
    _apt(
        "Installing Chromium from Debian's package",
        *(*prefix, "env", "DEBIAN_FRONTEND=noninteractive"),
        *("apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES),
    )
    if not find_chromium():
        raise InfraError(f"apt-get installed no {EXECUTABLES[0]}. Install one that is on PATH.")


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _apt(what: str, *command: str) -> None:
    run_step(what, command, name="apt-get", log=environments.VENVS / "chromium.log")
