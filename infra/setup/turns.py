"""Let processes that install into the same directory take turns."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.progress import Step


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Let one process at a time install into `directory`. The lock ends with its process."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with Step("Waiting for another installation into this directory"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
