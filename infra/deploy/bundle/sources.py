"""The files of the application that a deployment has: in a bundle, and in a container image."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from pathlib import Path

from infra.deploy.bundle.bundle_version import bundle_version
from infra.environments import ROOT
from infra.progress import run_step

# Only these packages are copied from the repository, so no other file can be in the bundle.
SOURCES = ("accounts", "api", "cognito", "locale", "project")
NOT_SOURCES = ("__pycache__", "*.pyc", "testing")


def copy_sources(staged: Path, requirements: str) -> None:
    """Copy the sources to `staged`, with the version of them and of the requirements."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, staged / name, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    for name in ("manage.py", "LICENSE"):
        shutil.copy2(ROOT / name, staged / name)
    # The version covers the copied files, so it is computed before its own file is written.
    version = bundle_version(staged, requirements)
    (staged / "project" / "version.txt").write_text(version, "utf-8")


def collect_static_files(staged: Path, *, log: Path, packages: Path | None = None) -> None:
    """Collect static files, hashed and compressed.

    They are the same for every stage, because names in them are relative. Files of the browsable
    API are left out, because the API answers JSON only.

    Args:
        packages: a directory with further packages for this Python.
    """
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(packages or ""),
        "DJANGO_DEBUG": "false",
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
        environment=variables,
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
