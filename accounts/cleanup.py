"""Delete expired rows, in small batches."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model, QuerySet

from accounts.models import AttemptCounter, BrowserSession, RefusalCount, Revocation, UsedLogin

# Each batch is a transaction, so that a sign-in never waits long for its locks.
BATCH_SIZE = 1000
# The admin's front page shows two weeks.
COUNTS_KEPT = timedelta(days=30)


@dataclass
class Cleared:
    """What a run has deleted.

    Attributes:
        deleted: the number of rows, by the name of the table.
        is_complete: whether no expired row is left.
    """

    deleted: Counter[str] = field(default_factory=Counter)
    is_complete: bool = True


def clear(now: datetime, *, seconds: float | None = None) -> Cleared:
    """Delete rows that have expired at `now`.

    The tables take turns, so that a long one does not keep the others from being cleared.

    Args:
        seconds: after which the run ends; None for no limit. The next run continues.
    """
    started, cleared = time.monotonic(), Cleared()
    waiting = _expired(now)
    for rows in waiting:
        cleared.deleted[_name(rows)] = 0
    while waiting:
        for rows in list(waiting):
            if seconds is not None and time.monotonic() - started >= seconds:
                cleared.is_complete = False
                return cleared
            count = _delete_batch(rows)
            cleared.deleted[_name(rows)] += count
            if count < BATCH_SIZE:
                waiting.remove(rows)
    return cleared


def _expired(now: datetime) -> list[QuerySet[Any]]:
    """Return the expired rows. Each query reads one range of an index, also in a long table."""
    idle_since = now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    signed_in_before = now - timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    counted_before = now - COUNTS_KEPT
    return [
        BrowserSession.objects.filter(last_seen_at__lt=idle_since).order_by("last_seen_at"),
        BrowserSession.objects.filter(signed_in_at__lt=signed_in_before).order_by("signed_in_at"),
        *_django_sessions(now),
        UsedLogin.objects.filter(expires_at__lt=now).order_by("expires_at"),
        Revocation.objects.filter(expires_at__lt=now).order_by("expires_at"),
        AttemptCounter.objects.filter(expires_at__lt=now).order_by("expires_at"),
        RefusalCount.objects.filter(hour__lt=counted_before).order_by("hour"),
    ]


def _django_sessions(now: datetime) -> list[QuerySet[Any]]:
    """Return the expired sessions, if they are in the database."""
    if not apps.is_installed("django.contrib.sessions"):
        return []
    from django.contrib.sessions.models import Session  # noqa: PLC0415 # it needs the application

    return [Session.objects.filter(expire_date__lt=now).order_by("expire_date")]


def _name(rows: QuerySet[Model]) -> str:
    return str(rows.model._meta.verbose_name_plural)


def _delete_batch(rows: QuerySet[Model]) -> int:
    """Delete up to BATCH_SIZE of the rows, in one statement, and return their number."""
    batch = rows.values("pk")[:BATCH_SIZE]
    # Repeat the condition, because a session may have been used in the meantime.
    return rows.order_by().filter(pk__in=batch).delete()[0]
