"""Run uv, which makes the virtual environments: https://docs.astral.sh/uv/.

`python -m infra.setup.uv ARGUMENTS` runs it by hand. pip downloads it, at the version and with the
hashes in `requirements/uv.txt`. pip's configuration holds for uv as well: index, certificates,
proxy. The downloaded wheel is kept in the user's cache, so that a new checkout needs no network.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from infra.environments import ROOT, VENVS
from infra.errors import InfraError
from infra.progress import run_step
from infra.setup.turns import only_one

LOCK_FILE = ROOT / "requirements" / "uv.txt"
# uv installs only files whose hash is in the lock file.
LOCKED = ("--require-hashes", "--no-progress")

# pip's options, and the variables that mean the same to uv.
_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
}
_SECONDS = 60.0


def run(what: str, arguments: Sequence[str | Path], *, log: Path) -> None:
    """Run uv as the step `what`, without network if its cache holds everything.

    Raises ChildDied, with the end of its output, when it fails.
    """
    command = [program(), *arguments]
    run_step(
        what,
        [*command, "--offline"],
        otherwise=command,
        name="uv",
        log=log,
        environment=environment(),
    )


def program() -> Path:
    """Return the path of uv, which is downloaded first if necessary. Call it under `only_one`."""
    directory = VENVS / "uv"
    executable, stamp = directory / "uv", directory / ".installed"
    digest = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
    if executable.exists() and stamp.exists() and stamp.read_text() == digest:
        return executable
    directory.mkdir(parents=True, exist_ok=True)
    wheels = _wheel_directory()
    if not _extracted(wheels, executable):
        _download(wheels)
        if not _extracted(wheels, executable):
            raise InfraError(f"The uv in {wheels} does not run here. Delete it, then try again.")
    stamp.write_text(digest)
    return executable


@cache
def environment() -> dict[str, str]:
    """Return this process's variables, with pip's configuration translated for uv.

    Variables that uv reads itself have precedence over pip's configuration.
    """
    shown = subprocess.run(
        [*pip_command(), "config", "list"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    ).stdout
    variables = {
        # pip uses the certificates of the system, and treats all indexes equally. The hashes decide
        # which file is accepted, whichever index serves it.
        "UV_SYSTEM_CERTS": "true",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    if bundle := os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        variables["SSL_CERT_FILE"] = bundle
    return variables | _translated(shown) | os.environ


def _translated(configuration: str) -> dict[str, str]:
    """Translate the output of `pip config list`, whose lines are like `global.timeout='60'`."""
    options: dict[str, str] = {}
    # The order in which pip's own sources win.
    for section in ("global.", "install.", ":env:."):
        for line in configuration.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section):
                options[name.removeprefix(section)] = ast.literal_eval(value)
    variables = {
        variable: " ".join(options[name].split())
        for name, variable in _VARIABLES.items()
        if options.get(name)
    }
    if links := variables.get("UV_FIND_LINKS"):
        variables["UV_FIND_LINKS"] = ",".join(filter(None, map(_link, links.split())))
    if options.get("no-index", "").lower() in {"1", "on", "t", "true", "y", "yes"}:
        # uv has no such variable. An index without packages has the same effect.
        variables["UV_DEFAULT_INDEX"] = (VENVS / "uv").as_uri()
    return variables


def _link(link: str) -> str:
    """Return a value of `find-links` for uv, or nothing for a directory that does not exist.

    pip ignores such a directory, but uv would fail.
    """
    parts = urlsplit(link)
    if parts.scheme not in {"", "file"}:
        return link
    directory = Path(unquote(parts.path) if parts.scheme else link).expanduser().absolute()
    return str(directory) if directory.is_dir() else ""


def _wheel_directory() -> Path:
    try:
        cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        (cache_home / "gatehouse").mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        # The user has no home directory, or may not write there.
        return VENVS / "uv"
    return cache_home / "gatehouse"


def _extracted(wheels: Path, executable: Path) -> bool:
    """Extract uv from the wheel that the lock file names and this machine can run."""
    lock_file = LOCK_FILE.read_text()
    for wheel in sorted(wheels.glob("uv-*.whl")):
        if f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" not in lock_file:
            continue
        temporary = executable.with_suffix(".new")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith("/scripts/uv"))
            with archive.open(name) as packed, temporary.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
        temporary.chmod(0o755)
        if _succeeds(temporary, "--version"):
            temporary.replace(executable)
            return True
    return False


def _download(wheels: Path) -> None:
    with tempfile.TemporaryDirectory(dir=wheels, prefix="download-") as directory:
        options = ("--no-deps", "--require-hashes", "--only-binary=:all:", "--progress-bar=off")
        run_step(
            "Downloading uv",
            [*pip_command(), "download", *options, "--dest", directory, "-r", LOCK_FILE],
            name="pip, downloading uv,",
            log=VENVS / "uv.log",
            # Nothing is installed, so it does not matter where pip may install.
            environment=os.environ | {"PIP_REQUIRE_VIRTUALENV": "0"},
        )
        for wheel in Path(directory).iterdir():
            wheel.replace(wheels / wheel.name)


def pip_command() -> list[str | Path]:
    options = ["--disable-pip-version-check", "--no-input"]
    if _succeeds(sys.executable, "-m", "pip", "--version"):
        return [sys.executable, "-m", "pip", *options]
    # Some distributions ship Python without pip, but with the module that makes environments.
    fallback = VENVS / "pip"
    if not _succeeds(sys.executable, "-m", "venv", "--clear", fallback):
        raise InfraError(
            f"{sys.executable} has no pip. Install it: on Debian and Ubuntu, "
            "`apt install python3-pip`."
        )
    return [fallback / "bin" / "python", "-m", "pip", *options]


def _succeeds(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def main() -> None:
    with only_one(VENVS):
        executable = program()
    os.execve(executable, [str(executable), *sys.argv[1:]], environment())  # noqa: S606


if __name__ == "__main__":
    main()
