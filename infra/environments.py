"""Make the virtual environments: `.venvs/app`, `.venvs/ministack`, `.venvs/lint`.

Runs on a bare Python 3.11, before anything is installed: the standard library only. What has been
installed is remembered in a stamp, so that a second run costs milliseconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError
from infra.progress import Step, run_step

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / ".venvs"

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the lock files that may be installed into it.

    Each lock file pins all that the ones before it pin, to the same versions. `pip_options` are
    further ones for all of them.
    """

    directory: Path
    lock_files: tuple[Path, ...]
    pip_options: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        return self.directory / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Written last: it is there when the rest is."""
        return self.directory / ".installed"

    @property
    def contents(self) -> Path:
        """The names of what was installed. Another check than the stamp: files get deleted."""
        return self.directory / ".contents"


APP = Environment(
    VENVS / "app",
    (
        ROOT / "requirements" / "runtime.txt",
        ROOT / "requirements.txt",
        ROOT / "requirements" / "bench.txt",
    ),
)
MINISTACK = Environment(VENVS / "ministack", (ROOT / "requirements" / "ministack.txt",))
LINT = Environment(
    VENVS / "lint",
    (ROOT / "requirements" / "lint.txt",),
    # Two programs that run once, and import little of what they bring: compiling all of it would
    # take longer than they do.
    ("--no-compile",),
)

DOCS = Environment(VENVS / "docs", (ROOT / "requirements" / "docs.txt",), ("--no-compile",))

# purpose -> the lock file of the application's environment that it takes, and what else there is
PURPOSES = {
    "run": (APP.lock_files[0], MINISTACK),
    "test": (APP.lock_files[1], MINISTACK),
    "bench": (APP.lock_files[2], MINISTACK),
    "lint": (APP.lock_files[1], LINT),
    "docs": (APP.lock_files[1], DOCS),
}


def prepare(purpose: str) -> None:
    """Have both environments ready for `purpose`, a key of PURPOSES.

    Raises InfraError with the end of pip's output when something cannot be installed.
    """
    lock_file, other = PURPOSES[purpose]
    prepare_environment(APP, lock_file)
    prepare_environment(other, other.lock_files[0])


def prepare_environment(environment: Environment, lock_file: Path) -> None:
    """Have `lock_file` installed in `environment`, one process at a time."""
    if _is_installed(environment, lock_file):
        return
    with only_one(environment.directory.parent):
        if _is_installed(environment, lock_file):
            return
        if not _is_sound(environment):
            _create(environment)
        # Whatever interrupts the installation, what it leaves behind is not taken for whole.
        environment.stamp.unlink(missing_ok=True)
        _install(environment, lock_file)
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
    """Whether no package was deleted since. Milliseconds, so that every command can look."""
    if not environment.contents.exists():
        # An environment from before such lists were written.
        return True
    return set(environment.contents.read_text().splitlines()) <= set(_packages(environment))


def _packages(environment: Environment) -> list[str]:
    found = environment.directory.glob("lib/python*/site-packages/*")
    # Upgrading a package by hand renames its `.dist-info`, and damages nothing.
    return sorted(entry.name for entry in found if entry.suffix != ".dist-info")


def _stamp(environment: Environment, installed: Sequence[Path]) -> None:
    environment.contents.write_text("".join(f"{name}\n" for name in _packages(environment)))
    temporary = environment.stamp.with_suffix(".new")
    temporary.write_text("".join(f"{_digest(environment, file)}\n" for file in installed))
    temporary.replace(environment.stamp)


def _digest(environment: Environment, lock_file: Path) -> str:
    """Of what was installed, where (scripts hold the path), and for which Python."""
    state = hashlib.sha256(lock_file.read_bytes())
    state.update(f"{environment.directory}\n{sys.version_info[:2]}".encode())
    return f"{lock_file.name} {state.hexdigest()}"


def _is_sound(environment: Environment) -> bool:
    """Whether it was once complete, and works, with the version of Python that runs this."""
    check = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        return (
            environment.stamp.exists()
            # pip takes a package for installed whose files are gone.
            and _is_complete(environment)
            and _run([environment.python, "-I", "-c", check]).returncode == 0
        )
    except OSError:
        return False


def _create(environment: Environment) -> None:
    shutil.rmtree(environment.directory, ignore_errors=True)
    with Step(f"Creating {_shown(environment.directory)}"):
        venv: Command = [sys.executable, "-m", "venv", "--clear", environment.directory]
        created = _run(venv)
        if created.returncode != 0:
            # Debian ships venv without pip's wheels, unless python3-venv is installed. The pip of
            # the system will do instead.
            created = _run([*venv, "--without-pip"])
        if created.returncode != 0 or _run([*_pip(environment), "--version"]).returncode != 0:
            raise InfraError(
                f"{sys.executable} cannot make a virtual environment with pip. On Debian and "
                f"Ubuntu, `apt install python3-venv` helps.\n{created.stdout.strip()}"
            )


def _pip(environment: Environment) -> list[str | Path]:
    pip: list[str | Path] = ["-m", "pip", "--disable-pip-version-check", "--no-input"]
    if _run([environment.python, "-I", "-c", "import pip"]).returncode == 0:
        return [environment.python, *pip]
    return [sys.executable, *pip, "--python", environment.python]


def _install(environment: Environment, lock_file: Path) -> None:
    log = environment.directory.parent / f"{environment.directory.name}.log"
    options = ("--require-hashes", "--progress-bar=off", *environment.pip_options)
    command: Command = [*_pip(environment), "install", *options, "-r", lock_file]
    total = lock_file.read_text().count("==")
    what = f"Installing {total} packages into {_shown(environment.directory)}"
    run_step(what, command, name=f"pip, installing {_shown(lock_file)},", log=log)


def _run(command: Command) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Let one process in at a time. The lock goes with the process, however it ends."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with Step("Waiting for another installation into this directory"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
