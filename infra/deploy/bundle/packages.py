"""The packages of the bundle, built for Lambda's platform, in `.venvs/bundle`.

The application's own environment cannot be used: it is for this machine, whose C library may be
newer than Lambda's, and it has many packages that the deployed application does not need.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from infra.environments import APP, VENVS
from infra.errors import InfraError
from infra.progress import run_step
from infra.setup.turns import only_one

PYTHON = sys.version_info[:2]
_CHECK = "import sys; print('python{}.{}'.format(*sys.version_info))"


@dataclass(frozen=True)
class Runtime:
    """A runtime of Lambda: `python3.13`, and the architecture `arm64` or `x86_64`."""

    name: str
    architecture: str

    @property
    def version(self) -> tuple[int, int]:
        major, minor = self.name.removeprefix("python").split(".")
        return int(major), int(minor)

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms of the packages, for pip.

        The oldest runtime, `python3.11`, is Amazon Linux 2, whose glibc is 2.26. The others are
        Amazon Linux 2023 with 2.34. pip installs the packages, because uv knows no platform with
        these versions.
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
        """
        machine = "aarch64" if self.architecture == "arm64" else self.architecture
        minors = (26,) if self.version == (3, 11) else range(17, 35)
        glibc = [f"manylinux_2_{minor}_{machine}" for minor in minors]
        return (f"manylinux2014_{machine}", *glibc, "any")

    def cached_name(self, module: str) -> str:
        """Return the name of the bytecode of a module: `x/__pycache__/y.cpython-313.pyc`."""
        path = PurePosixPath(module)
        tag = "cpython-{}{}".format(*self.version)
        return str(path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc")


# What this Python runs. MiniStack runs functions with the same version on this machine.
HERE = Runtime(
    "python{}.{}".format(*PYTHON),
    "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64",
)

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


def interpreter(runtime: str) -> str:
    """Return the Python of this version, which makes the bytecode of a bundle.

    Raises:
        InfraError: this machine does not have it.
    """
    if runtime == HERE.name:
        return sys.executable
    python = shutil.which(runtime)
    if python:
        # A launcher such as that of pyenv exists also for versions that are not active.
        done = subprocess.run(
            [python, "-I", "-c", _CHECK], capture_output=True, text=True, check=False, timeout=30
        )
        if done.stdout.strip() == runtime:
            return python
    raise InfraError(
        f"The stage's runtime is {runtime}, and this machine has no {runtime}, which compiles the "
        "bundle. Install it, so that the command is found, then run the same command again. Or set "
        f'runtime = "{HERE.name}" for the stage in infra/stages.toml.'
    )


def prepare_packages(runtime: Runtime = HERE, environment: Path | None = None) -> Path:
    """Install and compile the packages. Return `environment`, a directory like a virtual one."""
    if environment is None:
        suffix = "" if runtime == HERE else f"-{runtime.name}-{runtime.architecture}"
        environment = VENVS / f"bundle{suffix}"
    wanted = wanted_requirements()
    digest = hashlib.sha256(f"{wanted}{runtime.platforms}{runtime.version}".encode()).hexdigest()
    stamp = environment / ".installed"
    with only_one(environment.parent):
        if not stamp.exists() or stamp.read_text() != digest:
            shutil.rmtree(environment, ignore_errors=True)
            _install(wanted, runtime, environment)
            stamp.write_text(digest)
    return environment


def site_packages(environment: Path) -> Path:
    """Return the directory where Zappa, which runs with this Python, expects the packages."""
    return environment / "lib" / HERE.name / "site-packages"


def _install(wanted: str, runtime: Runtime, environment: Path) -> None:
    target = site_packages(environment)
    target.mkdir(parents=True)
    file = environment / "requirements.txt"
    file.write_text(wanted)
    platforms = [f"--platform={name}" for name in runtime.platforms]
    pip = [
        *(sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
        *("--progress-bar=off", "--no-compile", "--no-deps", "--require-hashes"),
        *(
            "--only-binary=:all:",
            "--implementation=cp",
            "--python-version={}.{}".format(*runtime.version),
        ),
        *platforms,
        *("--target", str(target), "-r", str(file)),
    ]
    what = f"Fetching {wanted.count('==')} packages for Lambda"
    run_step(what, pip, name="pip, fetching packages for Lambda,", log=environment / "pip.log")
    # The application runs none of the packages' scripts.
    shutil.rmtree(target / "bin", ignore_errors=True)
    compile_all(target, runtime=runtime, log=environment / "compile.log")


def compile_all(directory: Path, *, log: Path, runtime: Runtime = HERE) -> None:
    """Compile every module to bytecode that does not depend on the dates of files.

    With the usual check of dates, Python would find the bytecode stale, and compile everything
    again at each cold start (PEP 552). Paths in the bytecode are those on Lambda.
    """
    command = [
        *(interpreter(runtime.name), "-m", "compileall", "-q", "-f"),
        *("--invalidation-mode", "unchecked-hash"),
        *("-s", str(directory), "-p", "/var/task", str(directory)),
    ]
    # The seed fixes the order in which the members of a set are written.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    run_step("Compiling", command, name="The compilation", log=log, environment=environment)
