"""What Lambda's Python runtime has beside the bundle: AWS's runtime client and boto3."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

import pytest

from infra.deploy.bundle.packages import HERE, Runtime, interpreter
from infra.environments import APP, VENVS
from infra.errors import InfraError
from infra.setup import uv
from infra.setup.turns import only_one

_PACKAGES = frozenset(
    {
        *("awslambdaric", "simplejson", "snapshot-restore-py"),
        *("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"),
    }
)
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==(?:.*\\\n)*.*\n", re.MULTILINE)


def python_of(runtime: Runtime) -> str:
    """Return the Python of a runtime. Skip the test where this machine lacks it."""
    if runtime == HERE:
        return os.path.realpath(interpreter(runtime.name))
    version = runtime.name.removeprefix("python")
    found = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/{runtime.name}")
    places = [str(program.parent) for program in sorted(found)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([*places, os.environ.get("PATH", os.defpath)]))
        try:
            return interpreter(runtime.name)
        except InfraError as error:
            pytest.skip(str(error))


def packages_of(runtime: Runtime, log: Path) -> Path:
    """Install the packages of Lambda's runtime. Return their directory, which is kept."""
    lock = APP.lock_files[1].read_text("utf-8")
    wanted = "".join(m[0] for m in _REQUIREMENT.finditer(lock) if m[1].lower() in _PACKAGES)
    assert wanted.count("\n    --hash") or wanted.count("--hash")
    directory = VENVS / f"lambda-{runtime.name}"
    stamp, digest = directory / ".installed", hashlib.sha256(wanted.encode()).hexdigest()
    with only_one(VENVS):
        if stamp.exists() and stamp.read_text() == digest:
            return directory
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        file = directory / "requirements.txt"
        file.write_text(wanted)
        uv.run(
            f"Fetching {len(_PACKAGES)} packages of Lambda's runtime",
            [
                *("pip", "install", "--no-deps", "--only-binary=:all:", *uv.LOCKED),
                *("--python-version", runtime.name.removeprefix("python")),
                *("--target", directory, "-r", file),
            ],
            log=log,
        )
        stamp.write_text(digest)
    return directory
