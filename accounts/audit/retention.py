"""The end of audit events: the only way to delete them, and it is in the trail itself."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import AuditEvent

# A shorter retention would let a thief of the deployment's credentials erase the theft. PostgreSQL
# demands it as well (migration 0011).
MIN_DAYS = 30
# A hundred years: what no date can be reckoned with is a mistake.
MAX_DAYS = 36_500
# One transaction each: the deletion of a year must hold no lock for long.
BATCH_SIZE = 1000
# The setting that the trigger reads, local to a transaction.
_SETTING = "gatehouse.audit_event_days"


def delete_older_than(days: int) -> int:
    """Delete the events that are older than `days`, and return how many there were.

    An event that says so is written first: nothing is deleted without one.
    """
    if days < MIN_DAYS:
        raise ValueError(f"audit events are kept for {MIN_DAYS} days at least")
    # AuditEvent.objects refuses to delete. The age is by the database's clock, as for the trigger.
    old: QuerySet[AuditEvent] = QuerySet(AuditEvent).filter(at__lt=Now() - timedelta(days=days))
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
