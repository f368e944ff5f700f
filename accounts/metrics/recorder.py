"""The owner of a process's counts and times. It needs no framework."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from accounts.metrics.declared import (
    CALL_FAILURES,
    CALL_THROTTLES,
    CALL_TIME,
    Kind,
    Metric,
)
from cognito import errors
from cognito.errors import CognitoError

# Upper bounds of the histograms, in seconds. The last ones are the limits of single calls.
BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
# All labels are in the source. This bound limits the memory even if a label is not.
MAX_LABELS = 64
OTHER = "other"
# As many values as one metric of a log line may have.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
MAX_VALUES = 100

# A metric, and the value of its label.
Series = tuple[Metric, str]
# One number. For a time: the count of each bucket, the count above all buckets, and the sum.
Total = list[float]


class Metrics:
    """The totals of a process, and what was recorded since the last `drain`.

    Threads share it. Both tables are bounded, whether anything drains them or not.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._totals: dict[Series, Total] = {}
        self._recent: dict[Series, list[float]] = {}
        self._labels: dict[Metric, set[str]] = {}
        # Runs each call of Cognito in a context of its own, such as the span of a trace.
        self.around_calls: Callable[[str], AbstractContextManager[object]] | None = None

    def count(self, metric: Metric, label: str = "") -> None:
        """Add 1 to a counter."""
        with self._lock:
            series = self._series(metric, label)
            self._totals.setdefault(series, [0.0])[0] += 1
            self._recent.setdefault(series, [0.0])[0] += 1

    def observe(self, metric: Metric, value: float, label: str = "") -> None:
        """Add a time, or set a gauge."""
        with self._lock:
            series = self._series(metric, label)
            if metric.kind is Kind.TIME:
                total = self._totals.setdefault(series, [0.0] * (len(BUCKETS) + 2))
                total[bisect_left(BUCKETS, value)] += 1
                total[-1] += value
            else:
                self._totals[series] = [value]
            if metric.is_logged:
                values = self._recent.setdefault(series, [])
                if len(values) < MAX_VALUES:
                    values.append(value)

    def drain(self) -> Mapping[Series, list[float]]:
        """Return what was recorded since the last call, and forget it."""
        # Nearly every request has recorded nothing, so it does not wait for the lock.
        if not self._recent:
            return {}
        with self._lock:
            recent, self._recent = self._recent, {}
        return recent

    def totals(self) -> Mapping[Series, Total]:
        """Return a copy of the totals since the process started."""
        with self._lock:
            return {series: list(total) for series, total in self._totals.items()}

    # --- cognito.wire.call_observer.CallObserver --------------------------------------------------

    @contextmanager
    def calling(self, operation: str) -> Iterator[None]:
        """Observe the time of a call of Cognito, and an error that it raises."""
        around = self.around_calls
        began = self._monotonic()
        try:
            with around(operation) if around is not None else nullcontext():
                yield
        except CognitoError as error:
            self.refused(operation, error)
            raise
        finally:
            self.observe(CALL_TIME, self._monotonic() - began, operation)

    def refused(self, operation: str, error: CognitoError) -> None:
        """Count a throttled or failed call. A refusal that is the caller's fault is neither."""
        if is_throttled(error):
            self.count(CALL_THROTTLES, operation)
        elif isinstance(error, errors.CognitoUnavailable) and not isinstance(
            error, errors.NoTimeLeft | errors.OperationNotSupported
        ):
            self.count(CALL_FAILURES, operation)

    def _series(self, metric: Metric, label: str) -> Series:
        """Return the key of the series. The lock is held."""
        if not metric.label:
            return metric, ""
        known = self._labels.setdefault(metric, set())
        if label not in known:
            if len(known) >= MAX_LABELS:
                return metric, OTHER
            known.add(label)
        return metric, label


def is_throttled(error: CognitoError) -> bool:
    """Return whether a quota of the pool was used up, and not the limit of one account."""
    if isinstance(error, errors.TooManyAttempts):
        return False
    return isinstance(error, errors.TooManyRequests | errors.Throttled)
