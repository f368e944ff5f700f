"""Time in tests: moved for everyone, or wrong for the application alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_real_time = time.time


class Clock:
    """What `time.time` and Django's `timezone.now` say while a test runs. Seconds since 1970."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._error = 0.0

    def advance(self, seconds: float) -> None:
        """Time passes, for Cognito as for us."""
        self._passed += seconds

    def set_wrong_by(self, seconds: float) -> None:
        """The application's clock is so far ahead of Cognito's, or behind it if negative."""
        self._error = seconds

    def true_time(self) -> float:
        return _real_time() + self._passed

    def time(self) -> float:
        """As the application sees it."""
        return self.true_time() + self._error

    def now(self) -> datetime:
        """The same as a datetime."""
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=self.time())
