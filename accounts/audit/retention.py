"""Delete old audit events. This is the only way to delete them, and it is recorded."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.audit.stream.delivery import position
from accounts.models import AuditEvent

# With a shorter retention, an attacker with the deployment's credentials could erase their traces.
# A trigger in PostgreSQL enforces it as well (migration 0011).
MIN_DAYS = 30
# A hundred years. Larger numbers exceed the range of dates.
MAX_DAYS = 36_500
# Each batch is a transaction, so that no lock is held for long.
BATCH_SIZE = 1000
# The setting that the trigger reads, local to a transaction.
_SETTING = "gatehouse.audit_event_days"


def delete_older_than(days: int) -> int:
    """Delete the events that are older than `days`, and return how many there were.

    An audit event about the deletion is written first, so that no deletion goes unrecorded.
    """
    if days < MIN_DAYS:
        raise ValueError(f"audit events must be kept for at least {MIN_DAYS} days")
    # AuditEvent.objects refuses to delete. The database's clock decides, as in the trigger.
    old: QuerySet[AuditEvent] = QuerySet(AuditEvent).filter(at__lt=Now() - timedelta(days=days))
    if settings.AUDIT_EVENT_BUS:
        # Keep what the event bus does not have yet.
        old = old.filter(pk__lte=position())
    count = old.count()
    AuditEvent(
        action=AuditEvent.Action.DELETE_AUDIT_EVENTS,
        outcome=AuditEvent.Outcome.SUCCESS,
        actor_label="command line",
        detail=f"{count} events older than {days} days",
    ).save(force_insert=True)
    deleted = 0
    while batch := list(old.order_by("at").values_list("pk", flat=True)[:BATCH_SIZE]):
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config(%s, %s, true)", [_SETTING, str(days)])
            deleted += old.filter(pk__in=batch).delete()[0]
    return deleted
