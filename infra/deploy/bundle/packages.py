"""The packages of the bundle, built for Lambda's platform, in `.venvs/bundle`.

The application's own environment cannot be used: it is for this machine, whose C library may be
newer than Lambda's, and it has many packages that the deployed application does not need.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

from infra.environments import APP, VENVS
from infra.errors import InfraError
from infra.progress import run_step
from infra.setup.turns import only_one

# The bundle holds bytecode, so it is for the version of Python that makes it. MiniStack runs
# functions with its own Python, which has that version too.
PYTHON = sys.version_info[:2]
# The oldest runtime, `python3.11`, is Amazon Linux 2, whose glibc is 2.26. pip installs these
# packages, because uv knows no platform with that version.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_26_x86_64", "any")

# Packages of the application's lock file that Lambda does not need.
NOT_IN_THE_BUNDLE = frozenset(
    {
        # Lambda's runtime has these.
        *("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six"),
        # Zappa is needed to deploy. On Lambda, project/lambda_entry.py takes its place.
        *("argcomplete", "cfn-flip", "click", "colorama", "durationpy", "hjson", "markupsafe"),
        *("packaging", "pip", "placebo", "python-slugify", "setuptools", "text-unidecode", "toml"),
        *("tqdm", "troposphere", "werkzeug", "wheel", "zappa"),
        # drf-spectacular validates documents with these, which only tests do.
        *("attrs", "jsonschema", "jsonschema-specifications", "referencing", "rpds-py"),
        # cryptography is built with it, and runs on the compiled part of cffi only.
        "pycparser",
        # python-jose uses cryptography, and needs no other backend.
        *("ecdsa", "pyasn1", "rsa"),
        # Django REST framework imports it if it is installed, for a feature that is not used.
        "pyyaml",
        # manage.py reads `.env` with it. Lambda has neither file.
        "python-dotenv",
        # Only Windows needs it.
        "tzdata",
    }
)

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?:.*\\\n)*.*\n", re.MULTILINE)


def requirements(lock_file: str) -> str:
    """Return the part of a lock file that goes into the bundle."""
    return "".join(
        match[0]
        for match in _REQUIREMENT.finditer(lock_file)
        if match[1].lower() not in NOT_IN_THE_BUNDLE
    )


def wanted_requirements() -> str:
    """Return the requirements of the bundle."""
    return requirements(APP.lock_files[0].read_text("utf-8"))


def require_python(runtime: str | None) -> None:
    """Raise InfraError unless bundles made by this Python run in Lambda's `runtime`.

    Without a `runtime`, Zappa chooses that of this Python.
    """
    if runtime not in {None, _directory_name()}:
        raise InfraError(
            f"The stage's runtime is {runtime}, which does not run the bytecode that this "
            f"{_directory_name()} makes. Run `make setup PYTHON={runtime}`, then the same command "
            "again."
        )


def prepare_packages(environment: Path = VENVS / "bundle") -> Path:
    """Install and compile the packages. Return `environment`, a directory like a virtual one."""
    wanted = wanted_requirements()
    digest = hashlib.sha256(f"{wanted}{PLATFORMS}{PYTHON}".encode()).hexdigest()
    stamp = environment / ".installed"
    with only_one(environment.parent):
        if not stamp.exists() or stamp.read_text() != digest:
            shutil.rmtree(environment, ignore_errors=True)
            _install(wanted, environment)
            stamp.write_text(digest)
    return environment


def site_packages(environment: Path) -> Path:
    return environment / "lib" / _directory_name() / "site-packages"


def _directory_name() -> str:
    """`python3.11`, as Lambda and virtual environments both write it."""
    return "python{}.{}".format(*PYTHON)


def _install(wanted: str, environment: Path) -> None:
    target = site_packages(environment)
    target.mkdir(parents=True)
    file = environment / "requirements.txt"
    file.write_text(wanted)
    platforms = [f"--platform={name}" for name in PLATFORMS]
    pip = [
        *(sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
        *("--progress-bar=off", "--no-compile", "--no-deps", "--require-hashes"),
        *("--only-binary=:all:", "--implementation=cp", "--python-version={}.{}".format(*PYTHON)),
        *platforms,
        *("--target", str(target), "-r", str(file)),
    ]
    what = f"Fetching {wanted.count('==')} packages for Lambda"
    run_step(what, pip, name="pip, fetching packages for Lambda,", log=environment / "pip.log")
    # The application runs none of the packages' scripts.
    shutil.rmtree(target / "bin", ignore_errors=True)
    compile_all(target, log=environment / "compile.log")


def compile_all(directory: Path, *, log: Path) -> None:
    """Compile every module to bytecode that does not depend on the dates of files.

    With the usual check of dates, Python would find the bytecode stale, and compile everything
    again at each cold start (PEP 552). Paths in the bytecode are those on Lambda.
    """
    command = [
        *(sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(directory), "-p", "/var/task", str(directory)),
    ]
    # The seed fixes the order in which the members of a set are written.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    run_step("Compiling", command, name="The compilation", log=log, environment=environment)
