"""The version of Gatehouse that operators see."""

from __future__ import annotations

from pathlib import Path

# Packing a bundle writes the file (infra/deploy/bundle/bundle.py). A variable of the function would
# be wrong after a rollback.
PACKED = Path(__file__).with_name("version.txt")
PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def version(*, packed: Path = PACKED, project: Path = PROJECT) -> str:
    """Return the version, such as `0.2.0`.

    In a bundle, the start of a digest of the sources follows: `0.2.0 (3f2a9c1)`.
    """
    if packed.exists():
        return packed.read_text("utf-8")
    import tomllib  # noqa: PLC0415 # it takes 3 ms, and a bundle does not need it

    text: str = tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    return text
