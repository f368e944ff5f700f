"""The directories and lock files of the virtual environments in `.venvs`.

`infra.setup.install` creates them. This module imports the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / ".venvs"


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the lock files that may be installed into it.

    Each lock file pins everything that the ones before it pin, to the same versions.
    """

    directory: Path
    lock_files: tuple[Path, ...]

    @property
    def python(self) -> Path:
        return self.directory / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """The file that names what is installed. It is written last."""
        return self.directory / ".installed"

    @property
    def contents(self) -> Path:
        """The file that lists what was installed, so that deleted packages are noticed."""
        return self.directory / ".contents"


APP = Environment(
    VENVS / "app",
    (
        ROOT / "requirements" / "runtime.txt",
        ROOT / "requirements.txt",
        ROOT / "requirements" / "bench.txt",  # only with bench
    ),
)
MINISTACK = Environment(VENVS / "ministack", (ROOT / "requirements" / "ministack.txt",))
LINT = Environment(VENVS / "lint", (ROOT / "requirements" / "lint.txt",))
MUTANTS = Environment(VENVS / "mutants", (ROOT / "requirements" / "mutants.txt",))
DOCS = Environment(VENVS / "docs", (ROOT / "requirements" / "docs.txt",))

# The environments that each purpose needs, and what must be installed there.
PURPOSES: dict[str, dict[Environment, Path]] = {
    "run": {APP: APP.lock_files[0], MINISTACK: MINISTACK.lock_files[0]},
    "test": {APP: APP.lock_files[1], MINISTACK: MINISTACK.lock_files[0]},
    "test-fast": {APP: APP.lock_files[1]},
    "bench": {APP: APP.lock_files[2], MINISTACK: MINISTACK.lock_files[0]},  # only with bench
    "lint": {APP: APP.lock_files[1], LINT: LINT.lock_files[0], DOCS: DOCS.lock_files[0]},
    "mutants": {APP: APP.lock_files[1], MUTANTS: MUTANTS.lock_files[0]},
    "docs": {DOCS: DOCS.lock_files[0]},
}
