from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.audit import retention
from accounts.models import AuditEvent

pytestmark = pytest.mark.django_db


def event(*, days: int) -> AuditEvent:
    return AuditEvent.objects.create(
        at=timezone.now() - timedelta(days=days), action="sign_in", outcome="success"
    )


def delete_old(*arguments: str) -> str:
    output = StringIO()
    call_command("delete_old_audit_events", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.slow
def test_old_events_are_deleted_in_batches_and_the_deletion_is_an_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    for days in (31, 32, 33, 400, 5000):
        event(days=days)
    kept = {event(days=days).pk for days in (0, 1, 30)}
    assert delete_old("--days", "31") == "audit events: 5 deleted\n"
    assert set(AuditEvent.objects.exclude(action="delete_audit_events").values_list("pk")) == {
        (pk,) for pk in kept
    }
    deletion = AuditEvent.objects.get(action="delete_audit_events")
    assert (deletion.actor_label, deletion.outcome) == ("command line", "success")
    assert deletion.detail == "5 events older than 31 days"


@pytest.mark.parametrize("days", ["29", "0", "-1", "36501", "9999999999999"])
def test_retention_of_less_than_thirty_days_is_refused(days: str) -> None:
    old = event(days=5000)
    with pytest.raises(CommandError, match="--days must be from 30 to 36500"):
        delete_old("--days", days)
    assert list(AuditEvent.objects.all()) == [old]


def test_command_without_a_number_of_days_is_refused() -> None:
    with pytest.raises(CommandError, match="--days"):
        delete_old()


def test_deletion_that_cannot_be_recorded_deletes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event(days=5000)

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(AuditEvent, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        delete_old("--days", "30")
    assert AuditEvent.objects.count() == 1
