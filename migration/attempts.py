"""Counters of attempts, and used nonces, in the database that all processes share."""

from __future__ import annotations

import time
from contextlib import suppress

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from migration.models import Attempts, Nonce
from migration.signature import CLOCK_SECONDS, Signed

# One in 16 requests deletes the rows that have ended: those whose nonce begins with this digit.
_PRUNING_DIGIT = "0"


class Replayed(Exception):
    """The nonce was used before."""


def use_nonce(signed: Signed) -> None:
    """Raises Replayed."""
    if signed.nonce.startswith(_PRUNING_DIGIT):
        delete_ended()
    # A request is accepted from CLOCK_SECONDS before its time until as long after it.
    ends = signed.time + CLOCK_SECONDS + 1
    try:
        with transaction.atomic():
            Nonce(value=signed.nonce, ends=ends).save(force_insert=True)
    except IntegrityError:
        raise Replayed from None


class Counter:
    """A counter of attempts.

    Args:
        kind: what is counted.
        subject: the address or the key.
        limit: the attempts that are allowed, and the seconds in which they count.
    """

    def __init__(self, kind: str, subject: str, limit: tuple[int, int]) -> None:
        text = f"{kind}:{subject}"
        self._key = salted_hmac("gatehouse_migration", text, algorithm="sha256").hexdigest()
        self._most, self._seconds = limit

    def allows_another(self) -> bool:
        """Count an attempt before its work begins, so that parallel ones count as well."""
        try:
            count = self._count()
        except IntegrityError:
            # Another request has started to count at the same moment.
            count = self._count()
        return count <= self._most

    def forgive_one(self) -> None:
        Attempts.objects.filter(pk=self._key, count__gt=0).update(count=F("count") - 1)

    def forgive_all(self) -> None:
        Attempts.objects.filter(pk=self._key).delete()

    def _count(self) -> int:
        now = int(time.time())
        with transaction.atomic():
            mine = Attempts.objects.filter(pk=self._key)
            if mine.filter(ends__gt=now).update(count=F("count") + 1):
                # The update holds the row, so this is the number of this attempt.
                return int(mine.values_list("count", flat=True)[0])
            mine.filter(ends__lte=now).delete()
            Attempts(counter=self._key, count=1, ends=now + self._seconds).save(force_insert=True)
            return 1


def delete_ended() -> None:
    now = int(time.time())
    # Two processes may delete the same rows; the next request tries again.
    with suppress(DatabaseError):
        Nonce.objects.filter(ends__lt=now).delete()
        Attempts.objects.filter(ends__lt=now).delete()
