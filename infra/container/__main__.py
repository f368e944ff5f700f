"""Put the application below a directory, ready to run: `python -m infra.container DIRECTORY`.

The first stage of the Dockerfile runs it, after it has installed the packages into
`DIRECTORY/packages`. This module needs the standard library only.
"""

from __future__ import annotations

import compileall
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

from infra.deploy.bundle.sources import collect_static_files, copy_sources
from infra.environments import ROOT

LOCK_FILE = ROOT / "requirements/container.txt"
# Files of packages that the application never reads, as patterns.
NOT_NEEDED = (
    "bin",
    "*/py.typed",
    "**/*.pyi",
    "**/tests",
    # collectstatic has copied the static files.
    "django/contrib/admin/static",
    "drf_spectacular_sidecar/static",
    "rest_framework/static",
    "django/contrib/gis",
)
# Data of the AWS services that the application calls, and of those that give it credentials.
SERVICES = frozenset({"cognito-idp", "events", "sso", "sso-oidc", "sts"})


def main(directory: Path) -> None:
    packages = directory / "packages"
    copy_sources(directory, LOCK_FILE.read_text("utf-8"))
    shutil.copy2(ROOT / "gunicorn.conf.py", directory)
    collect_static_files(directory, log=Path("collectstatic.log"), packages=packages)
    remove_needless(packages, languages={path.name for path in (ROOT / "locale").iterdir()})
    # The image's files are read-only when it runs. Without bytecode, Python would compile them at
    # each start.
    if not compileall.compile_dir(
        directory,
        maxlevels=20,
        quiet=1,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        workers=0,
    ):
        sys.exit("Some modules could not be compiled.")


def remove_needless(packages: Path, *, languages: set[str]) -> None:
    """Delete what the application does not need, and translations into other languages."""
    for pattern in NOT_NEEDED:
        for path in list(packages.glob(pattern)):
            _delete(path)
    for directory in packages.glob("**/locale"):
        for path in directory.iterdir():
            if path.is_dir() and path.name not in {"en", *languages}:
                _delete(path)
    for path in (packages / "botocore/data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
