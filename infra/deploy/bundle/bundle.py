"""The bundle: the zip file that Lambda runs. Zappa packs it.

It contains only what the application needs. The same sources make the same bytes, so that a
deployment can compare digests to find out whether the code has changed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from infra.deploy.bundle.bundle_version import bundle_version
from infra.deploy.bundle.packages import (
    HERE,
    Runtime,
    compile_all,
    prepare_packages,
    wanted_requirements,
)
from infra.deploy.zappa.zappa import zappa
from infra.environments import ROOT
from infra.progress import run_step

# Only these packages are copied from the repository, so no other file can be in the bundle.
SOURCES = ("accounts", "api", "cognito", "locale", "project")
NOT_SOURCES = ("__pycache__", "*.pyc", "testing")

# Zappa's handler and its settings, which project/lambda_entry.py replaces. package_info.json has a
# user's name and the time, which would make every bundle different.
NOT_RUN = frozenset(
    {"__init__.py", "django_zappa_app.py", "handler.py", "package_info.json", "zappa_settings.py"}
)

_LEVEL = 9
# The earliest date that a zip file can have. Bytecode does not depend on it.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


@dataclass(frozen=True)
class Bundle:
    """A bundle. `digest` is its SHA-256 in base64, which Lambda calls CodeSha256."""

    path: Path
    digest: str

    @property
    def size(self) -> int:
        """The size in bytes."""
        return self.path.stat().st_size

    @property
    def key(self) -> str:
        """The name of the bundle in the bucket."""
        return f"bundles/{self.digest.translate(str.maketrans('+/', '-_')).rstrip('=')}.zip"


def build(directory: Path, runtime: Runtime = HERE) -> Bundle:
    """Build `bundle.zip` in `directory`, which nothing else uses."""
    directory.mkdir(parents=True, exist_ok=True)
    packages = prepare_packages(runtime)
    staged = directory / "source"
    shutil.rmtree(staged, ignore_errors=True)
    _copy_sources(staged)
    _collect_static_files(staged, log=directory / "collectstatic.log")
    (staged / "manage.py").unlink()
    compile_all(staged, runtime=runtime, log=directory / "compile.log")

    packed = directory / "packed.zip"
    packed.unlink(missing_ok=True)
    zappa(
        "Packing the bundle",
        ["package", "dev", "-o", str(packed)],
        directory=staged,
        log=directory / "package.log",
        # Packing sends nothing to AWS, but Zappa requires a region.
        environment={"VIRTUAL_ENV": str(packages), "AWS_DEFAULT_REGION": "eu-west-1"},
    )
    bundle = directory / "bundle.zip"
    _normalise(packed, bundle, runtime)
    packed.unlink()
    shutil.rmtree(staged)
    return read_bundle(bundle)


def read_bundle(path: Path) -> Bundle:
    """Return the bundle in a file."""
    digest = hashlib.sha256(path.read_bytes()).digest()
    return Bundle(path, base64.b64encode(digest).decode())


def _copy_sources(staged: Path) -> None:
    for name in SOURCES:
        shutil.copytree(ROOT / name, staged / name, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    for name in ("manage.py", "LICENSE"):
        shutil.copy2(ROOT / name, staged / name)
    # The version covers the copied files, so it is computed before its own file is written.
    version = bundle_version(staged, wanted_requirements())
    (staged / "project" / "version.txt").write_text(version, "utf-8")


def _collect_static_files(staged: Path, *, log: Path) -> None:
    """Collect static files, hashed and compressed.

    They are the same for every stage, because names in them are relative. Files of the browsable
    API are left out, because the API answers JSON only.
    """
    variables = {
        # Django's settings require these. The collected files do not depend on them.
        "DJANGO_SECRET_KEY": "for-collecting-static-files-only:" + "0123456789" * 3,
        "TOKEN_ENCRYPTION_KEYS": base64.urlsafe_b64encode(bytes(32)).decode(),
        "COGNITO_REGION": "eu-west-1",
        "COGNITO_USER_POOL_ID": "eu-west-1_none",
        "COGNITO_CLIENT_ID": "none",
        "COGNITO_DOMAIN": "https://none.auth.eu-west-1.amazoncognito.com",
        "DATABASE_URL": "sqlite://:memory:",
    }
    run_step(
        "Collecting static files",
        [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0", "-i", "rest_framework"],
        name="collectstatic",
        log=log,
        directory=staged,
        environment={"PATH": os.environ.get("PATH", os.defpath), "DJANGO_DEBUG": "false"}
        | variables,
    )
    _keep_one_form(staged / "static-collected")


def _keep_one_form(collected: Path) -> None:
    """Keep one form of each file: the hashed name, which pages use, and the compressed content.

    project/middleware/static_files.py sends the header for compressed content.
    """
    paths: dict[str, str] = json.loads((collected / "staticfiles.json").read_text())["paths"]
    for original in paths.keys() - set(paths.values()):
        for compression in ("", ".gz"):
            (collected / f"{original}{compression}").unlink(missing_ok=True)
    for compressed in collected.rglob("*.gz"):
        compressed.replace(compressed.with_suffix(""))


def _normalise(packed: Path, bundle: Path, runtime: Runtime) -> None:
    """Write the entries in a fixed order, with fixed dates and modes, and without NOT_RUN."""
    temporary = bundle.with_suffix(".new")
    with (
        zipfile.ZipFile(packed) as source,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as target,
    ):
        for name, packed_name in sorted(
            _entries(set(source.namelist()) - NOT_RUN, runtime).items()
        ):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(packed_name), compresslevel=_LEVEL)
    temporary.replace(bundle)


def _entries(packed_names: Set[str], runtime: Runtime) -> dict[str, str]:
    """Return the names in the bundle, each with its name in the packed file.

    Modules of packages are bytecode without the source, which makes the bundle 2 MB smaller. Python
    finds such a module only at the place of its source. Tracebacks still name file and line.
    """
    # Zappa adds an empty module to each directory, those with bytecode included.
    names = {name for name in packed_names if not name.endswith("__pycache__/__init__.py")}
    entries = {name: name for name in names}
    for name in names:
        bytecode = runtime.cached_name(name)
        ours = name.partition("/")[0] in SOURCES
        if name.endswith(".py") and bytecode in names and not ours:
            del entries[name], entries[bytecode]
            entries[f"{name}c"] = bytecode
    return entries
