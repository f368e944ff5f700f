"""Which Gatehouse this is, as operators see it."""

from __future__ import annotations

from pathlib import Path

# Packing a bundle writes it (infra/deploy/bundle/bundle.py): a bundle that is rolled back to says
# what it is, which a variable of the function could not.
PACKED = Path(__file__).with_name("version.txt")
PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def version(*, packed: Path = PACKED, project: Path = PROJECT) -> str:
    """In a bundle `0.1.0 (3f2a9c1)`: the version, and the beginning of a digest of the sources.

    Where the sources are run as they are, the version alone: `0.1.0`.
    """
    if packed.exists():
        return packed.read_text("utf-8")
    import tomllib  # noqa: PLC0415 # 3 ms of every cold start, for nothing that is read there

    text: str = tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    return text
