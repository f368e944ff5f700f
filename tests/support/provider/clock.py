"""A clock of tests, which can be wrong for the application only."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_real_time = time.time


class Clock:
    """The source of `time.time` and Django's `timezone.now` in a test. Seconds since 1970."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._error = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass for the provider and the application."""
        self._passed += seconds

    def set_wrong_by(self, seconds: float) -> None:
        """Set the application's clock ahead of the provider's, or behind it if negative."""
        self._error = seconds

    def true_time(self) -> float:
        return _real_time() + self._passed

    def time(self) -> float:
        """Return the time of the application."""
        return self.true_time() + self._error

    def now(self) -> datetime:
        """Return the time of the application as a datetime."""
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=self.time())
