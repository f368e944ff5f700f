"""Counting attempts in the database: one count for all processes, in one statement each.

Windows are fixed: one opens with the first attempt and closes after its time, whatever happened in
between. Whoever keeps trying does not stay locked out for longer than whoever waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import AttemptCounter

# A window that closes longer than this after one opened now was opened by a clock that has been put
# back since, and counts no more. The clocks of two processes may differ by less.
CLOCK_SKEW = timedelta(minutes=1)

# SQLite and PostgreSQL understand it alike. An attempt after the window opens a new one.
_COUNT = """
INSERT INTO accounts_attemptcounter AS counter (key, count, expires_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.expires_at > %s AND counter.expires_at <= %s THEN counter.count + 1
            ELSE 1 END,
    expires_at = CASE WHEN counter.expires_at > %s AND counter.expires_at <= %s
                 THEN counter.expires_at ELSE excluded.expires_at END
RETURNING count, expires_at
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in a window of so many seconds."""

    attempts: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Counter:
    """The attempts at `purpose` by `who`: an account or an address, in one form for each."""

    purpose: str
    who: str

    @property
    def key(self) -> str:
        """What the row is known by. The secret key makes it worthless to whoever reads the row."""
        value = f"{self.purpose}\0{self.who}"
        return salted_hmac("accounts.attempts", value, algorithm="sha256").hexdigest()

    def count(self, limit: Limit) -> float:
        """Counts an attempt; gives the seconds to wait if it is one too many, or else 0."""
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
        """Whether an attempt counts now."""
        now = timezone.now()
        return AttemptCounter.objects.filter(key=self.key, count__gt=0, expires_at__gt=now).exists()

    def take_back(self) -> None:
        """Makes the latest attempt not count."""
        rows = AttemptCounter.objects.filter(key=self.key, count__gt=0)
        rows.update(count=F("count") - 1)

    def forget(self) -> None:
        """Makes all attempts so far not count."""
        AttemptCounter.objects.filter(key=self.key).delete()


def _aware(value: datetime | str) -> datetime:
    """SQLite hands over text, or a time without its zone, which is UTC in every database here."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
