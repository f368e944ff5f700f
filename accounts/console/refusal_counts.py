"""Counting refused requests for the admin's front page.

The audit trail names people, and has a row for each thing that they did or failed to do. Whoever
sends a made-up token is nobody, and may send a million: such requests are counted in memory, and a
process writes its counts at most every WRITE_SECONDS, in one statement for each hour and status.
A request that is not refused costs a comparison. Lost is what the database fails to take, and what
a process counted after it wrote last, if it then ends without another refusal.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

logger = logging.getLogger(__name__)

# Credentials that are no good; rights that are missing; too many attempts.
STATUSES = (401, 403, 429)
WRITE_SECONDS = 10.0

# SQLite and PostgreSQL understand it alike.
_ADD = """
INSERT INTO accounts_refusalcount AS kept (hour, status, count) VALUES (%s, %s, %s)
ON CONFLICT (hour, status) DO UPDATE SET count = kept.count + excluded.count
"""


class RefusalTally:
    """What this process has refused and not written yet. Safe to use from many threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._counts: Counter[tuple[datetime, int]] = Counter()
        self._write_at = -math.inf

    def count(self, status: int) -> None:
        """One more. Writes what there is, if it is time."""
        hour = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[hour, status] += 1
            if self._monotonic() < self._write_at:
                return
            self._write_at = self._monotonic() + WRITE_SECONDS
            counts, self._counts = self._counts, Counter()
        try:
            _write(counts)
        except DatabaseFailure as error:
            # The refusal itself needs no database, and is not to fail for a statistic.
            logger.warning(
                "Refused requests were not counted: %s",
                type(error).__name__,
                extra={"outage": "The database"},
            )


def _write(counts: Mapping[tuple[datetime, int], int]) -> None:
    convert = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        for (hour, status), number in counts.items():
            cursor.execute(_ADD, [convert(hour), status, number])


_of_this_process = RefusalTally()


class RefusedRequestsMiddleware:
    """Counts answers that refuse: outside of everything that does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer as it comes."""
        response = self.get_response(request)
        if response.status_code in STATUSES and not _is_a_mere_question(response):
            _of_this_process.count(response.status_code)
        return response


def _is_a_mere_question(response: HttpResponseBase) -> bool:
    """A 401 to a request without a bearer token (RFC 6750 section 3.1): nothing was refused.

    Failed sign-ins are among these as well: they are in the audit trail, one by one.
    """
    return response.status_code == 401 and "error=" not in response.get("WWW-Authenticate", "")  # noqa: PLR2004 # the status itself is the clearest name
