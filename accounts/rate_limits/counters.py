"""Count attempts in the database, so that all processes share one count. One statement each.

Windows are fixed: a window opens with the first attempt and closes after its time. Further attempts
do not extend it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import process
from accounts.metrics.declared import LIMITS_HIT
from accounts.models import AttemptCounter

# If a window closes later than one that opens now, plus this tolerance, the clock was set back in
# the meantime, and the window is ignored. The clocks of two processes may differ by that much.
CLOCK_SKEW = timedelta(minutes=1)
# The cleanup removes the row of a lock after this time.
_LOCK_ROW_SECONDS = 60

# Works in SQLite and PostgreSQL. An attempt after the window has closed opens a new one.
_COUNT = """
INSERT INTO accounts_attemptcounter AS counter (key, count, expires_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.expires_at > %s AND counter.expires_at <= %s THEN counter.count + 1
            ELSE 1 END,
    expires_at = CASE WHEN counter.expires_at > %s AND counter.expires_at <= %s
                 THEN counter.expires_at ELSE excluded.expires_at END
RETURNING count, expires_at
"""


class Limit(NamedTuple):
    """The number of attempts that are allowed in a window of that length."""

    attempts: int
    seconds: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Counter:
    """The attempts for `purpose` by `who`, a normalized account or address."""

    purpose: str
    who: str

    @property
    def key(self) -> str:
        """The key of the row, a keyed hash that reveals neither account nor address."""
        value = f"{self.purpose}\0{self.who}"
        return salted_hmac("accounts.attempts", value, algorithm="sha256").hexdigest()

    def count(self, limit: Limit) -> float:
        """Count an attempt. Return the seconds to wait if it exceeds the limit, otherwise 0."""
        wait = self._count(limit)
        if wait:
            process.current.metrics.count(LIMITS_HIT, self.purpose)
        return wait

    def _count(self, limit: Limit) -> float:
        now = timezone.now()
        closes_at = now + timedelta(seconds=limit.seconds)
        convert = connection.ops.adapt_datetimefield_value
        window = [convert(now), convert(closes_at + CLOCK_SKEW)]
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [self.key, convert(closes_at), *window, *window])
            count, expires_at = cursor.fetchone()
        if count <= limit.attempts:
            return 0.0
        return max(1.0, (_aware(expires_at) - now).total_seconds())

    def is_counted(self) -> bool:
        """Return whether any attempt in an open window counts."""
        now = timezone.now()
        return AttemptCounter.objects.filter(key=self.key, count__gt=0, expires_at__gt=now).exists()

    def wait(self, limit: Limit) -> float:
        """Return the seconds until the next attempt is allowed, without counting one; 0 if now."""
        now = timezone.now()
        rows = AttemptCounter.objects.filter(
            key=self.key,
            count__gte=limit.attempts,
            expires_at__gt=now,
            expires_at__lte=now + timedelta(seconds=limit.seconds) + CLOCK_SKEW,
        )
        expires_at = rows.values_list("expires_at", flat=True).first()
        return max(1.0, (expires_at - now).total_seconds()) if expires_at else 0.0

    def take_back(self) -> None:
        """Undo the count of the latest attempt."""
        rows = AttemptCounter.objects.filter(key=self.key, count__gt=0)
        rows.update(count=F("count") - 1)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Run the `with` block in a transaction, and one such block of this counter at a time.

        Another process waits, as long as a request may wait for the database.
        """
        with transaction.atomic():
            # The statement locks the row until the transaction ends, also a row that is new.
            self._count(Limit(1, _LOCK_ROW_SECONDS))
            yield

    def forget(self) -> None:
        """Undo the count of all attempts."""
        AttemptCounter.objects.filter(key=self.key).delete()


def _aware(value: datetime | str) -> datetime:
    """Return an aware time. SQLite returns text or a naive time, which is in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
