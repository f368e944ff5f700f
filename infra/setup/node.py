"""Install the npm packages that tests need into `.venvs/node`.

`npm ci` installs exactly what the lock file says and checks the digests. Packages may not run
scripts: https://docs.npmjs.com/cli/commands/npm-ci.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from infra import environments
from infra.errors import InfraError
from infra.progress import run_step
from infra.setup import debian
from infra.setup.turns import only_one

# This directory has package.json, its lock file and the settings of npm.
PROJECT = environments.ROOT / "tests" / "support" / "node"
PROGRAMS = ("node", "npm")
PACKAGES = ("nodejs", "npm")
MINIMUM_VERSION = 18

_NPM_FILES = ("package.json", "package-lock.json", ".npmrc")
_NPM_CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def directory() -> Path:
    """Return the directory that npm installs into. Programs that run there find the packages."""
    # npm treats a directory behind a symbolic link as another package.
    return (environments.VENVS / "node").resolve()


def ensure_packages(project: Path = PROJECT) -> Path:
    """Install what the project's lock file names, unless that is done. Return `node_modules`.

    Raises InfraError when Node.js is too old or the developer must install it, and ChildDied, with
    the end of npm's output, when npm fails.
    """
    modules = directory() / "node_modules"
    if _is_installed(modules, project):
        return modules
    debian.ensure("Node.js with npm", PACKAGES, is_there=_has_programs)
    _require_version()
    with only_one(environments.VENVS):
        if _is_installed(modules, project):
            return modules
        directory().mkdir(exist_ok=True)
        for file in project.iterdir():
            if file.name in _NPM_FILES:
                shutil.copy(file, directory())
        run_step(
            "Installing npm packages for tests",
            (*_NPM_CI, "--prefix", directory()),
            name="npm",
            log=environments.VENVS / "npm.log",
        )
        # npm empties node_modules first, so the stamp exists only when everything is installed.
        _stamp(modules).write_text(_digest(project))
    return modules


def _has_programs() -> bool:
    return all(shutil.which(program) for program in PROGRAMS)


def _require_version() -> None:
    shown = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, check=False, timeout=60
    ).stdout.strip()
    major = shown.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < MINIMUM_VERSION:
        raise InfraError(
            f"The tests need Node.js {MINIMUM_VERSION} or newer; `node --version` says "
            f"{shown or 'nothing'}."
        )


def _is_installed(modules: Path, project: Path) -> bool:
    try:
        return _stamp(modules).read_text() == _digest(project)
    except FileNotFoundError:
        return False


def _stamp(modules: Path) -> Path:
    return modules / ".installed"


def _digest(project: Path) -> str:
    return hashlib.sha256((project / "package-lock.json").read_bytes()).hexdigest()
