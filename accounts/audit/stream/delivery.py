"""Deliver audit events at least once, nearly in the order of the trail.

The trail is its own outbox: an event waits for its delivery once its transaction has committed, and
not before. One number, the position, says up to which row the bus has all events. It moves after
the bus has taken a batch. If a process is killed before that, the next run sends the batch again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts.audit.stream.bus import BATCH, Bus, BusUnavailable
from accounts.models import AuditDelivery, AuditEvent

logger = logging.getLogger(__name__)

# A run ends before Lambda's 29 seconds. The next one continues.
RUN_SECONDS: Final = 20.0
# How many batches are sent at a time. A run that sends one batch after the other sends about 10,000
# events, so a backlog would grow as soon as there are some hundred new events a second.
PARALLEL: Final = 10
# How long a run waits for transactions that may still write an earlier row.
_SETTLE_SECONDS = 5.0
_POLL_SECONDS = 0.02

# Each transaction that writes to the trail, or has written, holds this lock until it ends.
_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid IS DISTINCT FROM pg_backend_pid()
"""


def deliver(bus: Bus, *, seconds: float = RUN_SECONDS) -> int:
    """Deliver the events that the bus does not have. Return how many it took.

    Several runs at a time do no harm: all but one end at once.

    Raises:
        BusUnavailable: some events were not delivered. The next run tries again.
    """
    deadline = time.monotonic() + seconds
    AuditDelivery.objects.get_or_create(pk=AuditDelivery.BUS)
    last = _last_final_row()
    # A single batch comes first. It is usually all there is, and it makes the client of the bus,
    # which threads can then share.
    delivered, size = 0, BATCH
    with ThreadPoolExecutor(PARALLEL) as threads:
        while time.monotonic() < deadline:
            with transaction.atomic():
                rows = AuditDelivery.objects.select_for_update(skip_locked=_can_skip_locked())
                state = rows.filter(pk=AuditDelivery.BUS).first()
                if state is None:
                    return delivered
                events = list(_events(state.position, last)[:size])
                if not events:
                    return delivered
                count, failure = _put(bus, events, threads)
                if count:
                    state.position = events[count - 1].pk
                    state.delivered_at = timezone.now()
                    state.save(update_fields=["position", "delivered_at"])
            delivered += count
            if failure is not None:
                raise failure
            size = BATCH * PARALLEL
    return delivered


def _put(
    bus: Bus, events: list[AuditEvent], threads: ThreadPoolExecutor
) -> tuple[int, BusUnavailable | None]:
    """Send the events. Return how many of the first ones the bus has, and why it has no more.

    Events behind one that the bus did not take are sent again by the next run.
    """
    batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]

    def put(batch: list[AuditEvent]) -> int | BusUnavailable:
        try:
            return bus.put(batch)
        except BusUnavailable as error:
            return error

    answers = map(put, batches) if len(batches) == 1 else threads.map(put, batches)
    count = 0
    for batch, answer in zip(batches, answers, strict=True):
        if isinstance(answer, BusUnavailable):
            return count, answer
        count += answer
        if answer < len(batch):
            break
    return count, None


def replay(bus: Bus, *, since: datetime, until: datetime, after: int = 0) -> Iterator[int]:
    """Send events again, with the ids that they have. Yield the row of the last one of each batch.

    The position stays as it is.

    Args:
        after: skip the rows up to this one, to continue an interrupted replay.
    """
    last: int = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    while batch := list(_events(after, last).filter(at__gte=since, at__lt=until)[:BATCH]):
        after = batch[bus.put(batch) - 1].pk
        yield after


def undelivered() -> QuerySet[AuditEvent]:
    """Return the events that the bus does not have, in the order of their delivery."""
    return AuditEvent.objects.filter(pk__gt=position()).order_by("pk")


def position() -> int:
    """Return the last row that the bus has, with all before it; 0 if it has none."""
    state = AuditDelivery.objects.filter(pk=AuditDelivery.BUS).first()
    return state.position if state else 0


def _events(after: int, last: int) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(pk__gt=after, pk__lte=last).order_by("pk")


def _last_final_row() -> int:
    """Return a row before which no other can appear; 0 if that is not known in time.

    PostgreSQL numbers rows when they are written, and shows them when they are committed. So a row
    with a lower number can appear later, as long as its transaction runs. Such a transaction holds
    a lock on the table, and has held it since before the last row got its number. SQLite has one
    writer at a time.
    """
    last: int = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    if connection.vendor != "postgresql":
        return last
    deadline = time.monotonic() + _SETTLE_SECONDS
    writers = _writers()
    while writers:
        if time.monotonic() > deadline:
            logger.warning("No audit event was delivered: a transaction writes to the trail.")
            return 0
        time.sleep(_POLL_SECONDS)
        writers &= _writers()
    return last


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [AuditEvent._meta.db_table])
        return {row[0] for row in cursor.fetchall()}


def _can_skip_locked() -> bool:
    return connection.features.has_select_for_update_skip_locked
