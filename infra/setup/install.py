"""Create or update the virtual environments.

This module imports the standard library only, because nothing is installed before it has run. A
stamp in each environment names what is installed there, so a second run takes milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.environments import PURPOSES, ROOT, Environment
from infra.setup import uv
from infra.setup.turns import only_one


def prepare(purpose: str) -> None:
    """Prepare every environment for `purpose`, a key of PURPOSES.

    Raises InfraError, with the end of uv's or pip's output, when an installation fails.
    """
    for environment, lock_file in PURPOSES[purpose].items():
        prepare_environment(environment, lock_file)


def prepare_environment(environment: Environment, lock_file: Path) -> None:
    """Install `lock_file` into `environment`, unless that is done. Processes take turns."""
    if _is_installed(environment, lock_file):
        return
    with only_one(environment.directory.parent):
        if _is_installed(environment, lock_file):
            return
        if _is_sound(environment):
            lock_file = _largest(environment, lock_file)
        else:
            _create(environment)
        # Without a stamp, an interrupted installation is repeated from scratch.
        environment.stamp.unlink(missing_ok=True)
        install_lock_file(environment, lock_file)
        _stamp(environment, environment.lock_files[: environment.lock_files.index(lock_file) + 1])


def _is_installed(environment: Environment, lock_file: Path) -> bool:
    try:
        stamp = environment.stamp.read_text()
    except OSError:
        return False
    return (
        os.access(environment.python, os.X_OK)
        and _digest(environment, lock_file) in stamp.splitlines()
        and _is_complete(environment)
    )


def _is_complete(environment: Environment) -> bool:
    """Return whether no installed package was deleted. This runs before each command."""
    if not environment.contents.exists():
        # An older version of this module made the environment.
        return True
    return set(environment.contents.read_text().splitlines()) <= set(_packages(environment))


def _packages(environment: Environment) -> list[str]:
    found = environment.directory.glob("lib/python*/site-packages/*")
    # Upgrading a package by hand renames its `.dist-info`, and damages nothing.
    return sorted(entry.name for entry in found if entry.suffix != ".dist-info")


def _largest(environment: Environment, lock_file: Path) -> Path:
    """Return the lock file to install: uv would remove the packages that only a larger one has."""
    names = {line.partition(" ")[0] for line in environment.stamp.read_text().splitlines()}
    present = [file for file in environment.lock_files if file.name in names]
    return max([lock_file, *present], key=environment.lock_files.index)


def _stamp(environment: Environment, installed: Sequence[Path]) -> None:
    environment.contents.write_text("".join(f"{name}\n" for name in _packages(environment)))
    temporary = environment.stamp.with_suffix(".new")
    temporary.write_text("".join(f"{_digest(environment, file)}\n" for file in installed))
    temporary.replace(environment.stamp)


def _digest(environment: Environment, lock_file: Path) -> str:
    """Cover the lock file, the directory (scripts contain its path) and the version of Python."""
    state = hashlib.sha256(lock_file.read_bytes())
    state.update(f"{environment.directory.resolve()}\n{sys.version_info[:2]}".encode())
    return f"{lock_file.name} {state.hexdigest()}"


def _is_sound(environment: Environment) -> bool:
    """Return whether the environment was completed and runs the present version of Python."""
    check = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        return (
            environment.stamp.exists()
            # uv believes that a package is installed although its files were deleted.
            and _is_complete(environment)
            and subprocess.run([environment.python, "-I", "-c", check], check=False).returncode == 0
        )
    except OSError:
        return False


def _create(environment: Environment) -> None:
    uv.run(
        f"Creating {_shown(environment.directory)}",
        ["venv", "--clear", "--python", sys.executable, environment.directory],
        log=_log(environment),
    )


def install_lock_file(environment: Environment, lock_file: Path) -> None:
    total = lock_file.read_text().count("==")
    # Python compiles the few modules that are imported, unless it may not write bytecode.
    compiled = ["--compile-bytecode"] if sys.dont_write_bytecode else []
    uv.run(
        f"Installing {total} packages into {_shown(environment.directory)}",
        ["pip", "sync", *compiled, *uv.LOCKED, "--python", environment.python, lock_file],
        log=_log(environment),
    )


def _log(environment: Environment) -> Path:
    return environment.directory.parent / f"{environment.directory.name}.log"


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
