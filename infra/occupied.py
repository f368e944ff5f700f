"""Let one program at a time use a directory. It imports the standard library only."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.errors import InfraError


@contextmanager
def occupied(directory: Path, occupant: str) -> Iterator[None]:
    """Lock the directory during the block. Messages to other programs name `occupant`.

    The lock ends with the process. Raises InfraError while another program has it.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise InfraError(
                f"{directory} is in use by {lock.read().strip() or 'another program'}. "
                "Stop it first, or wait until it has ended."
            ) from None
        lock.truncate(0)
        lock.write(f"{occupant}, process {os.getpid()}")
        lock.flush()
        yield
