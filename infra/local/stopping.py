"""Stop the programs in order on Ctrl-C, on `kill`, and when the terminal closes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal stops this program. Like KeyboardInterrupt, this is not an error."""


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise Stopped inside the block on the first signal, and ignore later signals.

    A second Ctrl-C would interrupt the stopping, which has its own deadlines.
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
