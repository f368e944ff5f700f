"""Rows that have outlived their use: found by an index, deleted a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Model, Q, QuerySet

from accounts.models import AttemptCounter, BrowserSession, RefusalCount, Revocation, UsedLogin

# One transaction each: a million old rows must not hold a lock that a sign-in waits for.
BATCH_SIZE = 1000
# The admin's front page goes back two weeks.
COUNTS_KEPT = timedelta(days=30)


def clear(now: datetime) -> Iterator[tuple[str, int]]:
    """Deletes what is over at `now`; gives the name of each kind of row and how many went."""
    for rows in _over(now):
        yield str(rows.model._meta.verbose_name_plural), _delete_in_batches(rows)


def _over(now: datetime) -> list[QuerySet[Any]]:
    idle_since = now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    signed_in_before = now - timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    return [
        BrowserSession.objects.filter(
            Q(last_seen_at__lt=idle_since) | Q(signed_in_at__lt=signed_in_before)
        ),
        Session.objects.filter(expire_date__lt=now),
        UsedLogin.objects.filter(expires_at__lt=now),
        Revocation.objects.filter(expires_at__lt=now),
        AttemptCounter.objects.filter(expires_at__lt=now),
        RefusalCount.objects.filter(hour__lt=now - COUNTS_KEPT),
    ]


def _delete_in_batches(rows: QuerySet[Model]) -> int:
    deleted = 0
    while batch := list(rows.order_by().values_list("pk", flat=True)[:BATCH_SIZE]):
        # By the condition again, for a session may have been used since it was found.
        deleted += rows.filter(pk__in=batch).delete()[0]
        if len(batch) < BATCH_SIZE:
            break
    return deleted
