"""What a bundle says it is: the version of the project, and which sources made it."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from infra.environments import ROOT

# Enough to tell the bundles of one stage apart, as in Git.
_DIGITS = 7


def bundle_version(sources: Path, requirements: str) -> str:
    """`0.2.0 (3f2a9c1)`, for the files below `sources` and the packages they run on.

    Of contents and not of a commit or the time: what did not change is not deployed again.
    """
    digest = hashlib.sha256(requirements.encode())
    for path in sorted(path for path in sources.rglob("*") if path.is_file()):
        content = path.read_bytes()
        # With the length before each content, no two trees say the same.
        digest.update(f"\n{path.relative_to(sources).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return f"{project['version']} ({digest.hexdigest()[:_DIGITS]})"
