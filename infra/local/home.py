"""The directory that holds the state of the local stack: `.local` by default."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from infra.environments import ROOT
from infra.local.ministack import scratch_parent
from infra.occupied import occupied

DEFAULT_HOME = ROOT / ".local"


@dataclass(frozen=True)
class Home:
    """The files of one local stack. `directory` is absolute."""

    directory: Path = DEFAULT_HOME

    @property
    def environment_file(self) -> Path:
        return self.directory / "env"

    @property
    def logs(self) -> Path:
        return self.directory / "log"

    @property
    def aws_state(self) -> Path:
        return self.directory / "aws"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{quote(str(self.directory / 'db.sqlite3'))}"

    @contextmanager
    def occupied(self, occupant: str) -> Iterator[None]:
        """Let one program at a time use the directory. Messages to the others name `occupant`.

        The lock ends with the process. Raises InfraError while another program has it, and OSError
        for a file of another user, on which a later program would fail with a traceback.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self.directory, *self.directory.iterdir()):
            if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        with occupied(self.directory, occupant):
            yield

    def empty_scratch(self) -> Path:
        """Return an empty directory for temporary files, on a RAM disk if there is one.

        Its name depends on the name of this home, so that the next run finds and deletes what a
        killed run left. Call it while `occupied`.
        """
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        scratch = scratch_parent() / f"gatehouse-{os.getuid()}-{digest}"
        shutil.rmtree(scratch, ignore_errors=True)
        # Fails if another user made the directory: that user could read what is written into it.
        scratch.mkdir(mode=0o700)
        return scratch

    def delete(self) -> None:
        """Delete users, pool, database and logs. Raises InfraError while they are in use."""
        with self.occupied("`infra local reset`"):
            shutil.rmtree(self.directory)
