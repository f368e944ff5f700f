"""The bundle: the zip file that Lambda runs. Zappa packs it.

It contains only what the application needs. The same sources make the same bytes, so that a
deployment can compare digests to find out whether the code has changed.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import zipfile
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from infra.deploy.bundle.packages import (
    HERE,
    Runtime,
    compile_all,
    prepare_packages,
    wanted_requirements,
)
from infra.deploy.bundle.sources import SOURCES, collect_static_files, copy_sources
from infra.deploy.zappa.zappa import zappa

# Zappa's handler and its settings, which project/lambda_entry.py replaces. package_info.json has a
# user's name and the time, which would make every bundle different.
NOT_RUN = frozenset(
    {"__init__.py", "django_zappa_app.py", "handler.py", "package_info.json", "zappa_settings.py"}
)

# Level 9 would take twice as long for a bundle that is 0.5 % smaller.
_LEVEL = 7
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
    copy_sources(staged, wanted_requirements())
    collect_static_files(staged, log=directory / "collectstatic.log")
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
