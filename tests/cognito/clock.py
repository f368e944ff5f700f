"""A clock that tests set."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Gives `now`, in seconds, which changes only when the test says so."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def wait_for(self, condition: Callable[[], bool], seconds: float = 5) -> None:
        """Lets other threads work, in real time, until `condition` holds."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it did not happen in time"
            time.sleep(0.002)
