"""Install programs that tests need from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence

from infra import environments
from infra.errors import InfraError
from infra.progress import run_step


def ensure(what: str, packages: Sequence[str], *, is_there: Callable[[], bool]) -> None:
    """Install `packages` unless `is_there()`. Messages call the program `what`.

    Raises InfraError when the developer must install it, and ChildDied when apt-get fails.
    """
    if is_there():
        return
    by_hand = f"`apt-get install {' '.join(packages)}`"
    if not shutil.which("apt-get"):
        raise InfraError(f"The tests need {what}: install it. On Debian: {by_hand}.")
    prefix: tuple[str, ...] = ()
    if os.geteuid() != 0:
        if not _succeeds("sudo", "-n", "true"):
            raise InfraError(f"The tests need {what}. As root, run {by_hand}, then try again.")
        prefix = ("sudo", "-n")
    _apt("Updating the list of Debian's packages", *prefix, "apt-get", "update")
    _apt(
        f"Installing {what} from Debian's packages",
        *(*prefix, "env", "DEBIAN_FRONTEND=noninteractive"),
        *("apt-get", "install", "--yes", "--no-install-recommends", *packages),
    )
    if not is_there():
        raise InfraError(f"apt-get installed {what}, but it was not found. Install it by hand.")


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _apt(what: str, *command: str) -> None:
    run_step(what, command, name="apt-get", log=environments.VENVS / "apt-get.log")
