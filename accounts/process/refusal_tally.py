"""Counts of refused requests, for the front page of the console.

The audit trail has a row for each action of a user. A caller with an invented token is not a user,
and can send a million requests. Such requests are therefore counted in memory. A process writes its
counts at most every WRITE_SECONDS, in one statement for each hour and status. Two kinds of counts
are lost: those that the database refuses, and those of a process that ends without another refusal.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import Error as DatabaseFailure
from django.db import connection
from django.utils import timezone

logger = logging.getLogger(__name__)

WRITE_SECONDS = 10.0

# The keys are the hour of the requests and the status of the responses.
Counts = Counter[tuple[datetime, int]]

# SQLite and PostgreSQL both accept it.
_ADD = """
INSERT INTO accounts_refusalcount AS kept (hour, status, count) VALUES (%s, %s, %s)
ON CONFLICT (hour, status) DO UPDATE SET count = kept.count + excluded.count
"""


def add_to_database(counts: Counts) -> None:
    """Add the counts to those of the other processes. Raises django.db.Error."""
    convert = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        for (hour, status), number in counts.items():
            cursor.execute(_ADD, [convert(hour), status, number])


class RefusalTally:
    """The refusals that this process has not written yet. Threads share it."""

    def __init__(
        self,
        *,
        write: Callable[[Counts], None] = add_to_database,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.Lock()
        self._write = write
        self._monotonic = monotonic
        self._counts: Counts = Counter()
        self._write_at = -math.inf

    def count(self, status: int) -> None:
        """Count one refusal. Write all counts if WRITE_SECONDS have passed."""
        hour = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[hour, status] += 1
            if self._monotonic() < self._write_at:
                return
            self._write_at = self._monotonic() + WRITE_SECONDS
            counts, self._counts = self._counts, Counter()
        try:
            self._write(counts)
        except DatabaseFailure as error:
            # The refusal itself needs no database, so it must not fail because of a statistic.
            logger.warning(
                "Refused requests were not counted: %s",
                type(error).__name__,
                extra={"outage": "The database"},
            )
