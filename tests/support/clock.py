"""A clock that tests set, and measurements of real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def least_seconds(work: Callable[[], object], *, enough: float) -> float:
    """Return the CPU time of `work`: the least of three times, or the first below `enough`.

    One time is not enough, because it may include a garbage collection of the test process.
    """
    least = float("inf")
    for _ in range(3):
        began = time.thread_time()
        work()
        least = min(least, time.thread_time() - began)
        if least < enough:
            break
    return least


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Fail if the block takes longer, because it waited until a dependency stopped hanging.

    The dependency must hang for much longer than `seconds`, and the deadline under test must be
    much shorter. A slow machine then cannot fail the test, and a missing deadline cannot pass it.
    """
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took < seconds, f"took {took:.1f} s"


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for other threads and processes until `condition` holds."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, f"the condition did not hold within {seconds} s"
        time.sleep(0.005)


class ManualClock:
    """A clock that returns `now`, in seconds, which only the test changes."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def wait_for_renewals() -> None:
    """Wait for the threads that renew verification keys in the background."""
    for thread in threading.enumerate():
        if thread.name == "cognito-keys":
            thread.join(20)
            assert not thread.is_alive()
