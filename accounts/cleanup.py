"""Delete expired rows, in small batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q, QuerySet

from accounts.models import AttemptCounter, BrowserSession, RefusalCount, Revocation, UsedLogin

# Each batch is a transaction, so that a sign-in never waits long for its locks.
BATCH_SIZE = 1000
# The admin's front page shows two weeks.
COUNTS_KEPT = timedelta(days=30)


def clear(now: datetime) -> Iterator[tuple[str, int]]:
    """Delete rows that have expired at `now`. Yield the name of each table and a count."""
    for rows in _expired(now):
        yield str(rows.model._meta.verbose_name_plural), _delete_in_batches(rows)


def _expired(now: datetime) -> list[QuerySet[Any]]:
    idle_since = now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    signed_in_before = now - timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    return [
        BrowserSession.objects.filter(
            Q(last_seen_at__lt=idle_since) | Q(signed_in_at__lt=signed_in_before)
        ),
        *_django_sessions(now),
        UsedLogin.objects.filter(expires_at__lt=now),
        Revocation.objects.filter(expires_at__lt=now),
        AttemptCounter.objects.filter(expires_at__lt=now),
        RefusalCount.objects.filter(hour__lt=now - COUNTS_KEPT),
    ]


def _django_sessions(now: datetime) -> list[QuerySet[Any]]:
    """Return the expired sessions, if they are in the database."""
    if not apps.is_installed("django.contrib.sessions"):
        return []
    from django.contrib.sessions.models import Session  # noqa: PLC0415 # it needs the application

    return [Session.objects.filter(expire_date__lt=now)]


def _delete_in_batches(rows: QuerySet[Model]) -> int:
    deleted = 0
    while batch := list(rows.order_by().values_list("pk", flat=True)[:BATCH_SIZE]):
        # Repeat the condition, because a session may have been used in the meantime.
        deleted += rows.filter(pk__in=batch).delete()[0]
        if len(batch) < BATCH_SIZE:
            break
    return deleted
