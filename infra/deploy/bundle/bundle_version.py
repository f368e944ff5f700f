"""The version of a bundle: that of the project, and a digest of the sources."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from infra.environments import ROOT

# As many digits as Git shows, enough to distinguish the bundles of one stage.
_DIGITS = 7


def bundle_version(sources: Path, requirements: str) -> str:
    """Return a version such as `0.2.0 (3f2a9c1)`.

    The digest covers the files below `sources` and the requirements, and neither a commit nor the
    time: code that did not change must not be deployed again.
    """
    digest = hashlib.sha256(requirements.encode())
    for path in sorted(path for path in sources.rglob("*") if path.is_file()):
        content = path.read_bytes()
        # The length before each content keeps two different trees from the same input.
        digest.update(f"\n{path.relative_to(sources).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return f"{project['version']} ({digest.hexdigest()[:_DIGITS]})"
