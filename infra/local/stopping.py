"""End in good order on Ctrl-C, on `kill`, and when the terminal goes away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Someone asked this program to stop. Like KeyboardInterrupt, it is no error."""


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise Stopped inside the block on the first such signal, and ignore all later ones.

    So that an impatient second Ctrl-C does not interrupt the stopping itself, which is bounded.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        for signal_number in _SIGNALS:
            signal.signal(signal_number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
