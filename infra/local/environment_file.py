"""Keep the environment of the running local stack in `.local/env`, for other programs.

Each line is `NAME='value'`, which shells (`set -a; . .local/env`) and dotenv libraries read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from infra.errors import InfraError


def write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file in one step. Only its owner may read it, because of the client secret."""
    lines = "".join(f"{name}='{_quotable(name, value)}'\n" for name, value in values.items())
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(lines)
    temporary.replace(path)


def read(path: Path) -> dict[str, str]:
    """Read the file. Raises InfraError when the local stack was never started."""
    if not path.exists():
        raise InfraError(
            f"There is no {path.name} in {path.parent} yet. Start `make run` or "
            "`infra local pool` first."
        )
    values = dotenv_values(path, interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def _quotable(name: str, value: str) -> str:
    # Shells and dotenv libraries read these characters differently inside single quotes.
    if any(character in value for character in "'\\\n\r"):
        raise InfraError(
            f"The value of {name} contains a quote, a backslash or a line break. Remove it."
        )
    return value
