"""The position of the delivery, and the commands that move it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.audit import retention
from accounts.audit.stream import bus as bus_module
from accounts.audit.stream.bus import Bus, BusUnavailable
from accounts.audit.stream.delivery import deliver, position, replay, undelivered
from accounts.audit.stream.schema import entry
from accounts.models import AuditEvent

pytestmark = pytest.mark.django_db


@dataclass
class MemoryBus(Bus):
    """Takes events up to the row `last`."""

    name: str = "audit"
    last: int = sys.maxsize
    taken: list[int] = field(default_factory=list)

    def put(self, events: Sequence[AuditEvent]) -> int:
        count = sum(one.pk <= self.last for one in events)
        if not count:
            raise BusUnavailable("InternalException")
        self.taken += [one.pk for one in events[:count]]
        return count


@pytest.fixture
def rows() -> list[int]:
    """Write 25 events, and return their primary keys."""
    return [write() for _ in range(25)]


def write(**values: Any) -> int:
    one = AuditEvent(action="sign_in", outcome="success", **values)
    one.save()
    return int(one.pk)


@pytest.mark.slow
def test_each_event_is_delivered_once(rows: list[int]) -> None:
    bus = MemoryBus()
    assert deliver(bus) == 25
    assert deliver(bus) == 0
    rows.append(write())
    assert deliver(bus) == 1
    # Threads send the batches of one transaction at a time.
    assert sorted(bus.taken) == rows
    assert position() == rows[-1]


def test_delivery_continues_after_the_last_event_that_the_bus_took(rows: list[int]) -> None:
    bus = MemoryBus(last=rows[12])
    with pytest.raises(BusUnavailable):
        deliver(bus)
    assert position() == rows[12]
    assert list(undelivered().values_list("pk", flat=True)) == rows[13:]
    bus.last = sys.maxsize
    assert deliver(bus) == 12
    assert sorted(bus.taken) == rows


def test_event_that_the_bus_refuses_holds_back_those_behind_it() -> None:
    """Others of the same transaction have arrived, and arrive again with the same id."""
    rows = [write() for _ in range(45)]

    class Refusing(MemoryBus):
        refused: int = rows[25]

        def put(self, events: Sequence[AuditEvent]) -> int:
            if any(one.pk == self.refused for one in events):
                raise BusUnavailable("InternalException")
            return super().put(events)

    bus = Refusing()
    with pytest.raises(BusUnavailable):
        deliver(bus)
    assert position() == rows[19]
    assert set(rows[:20]) <= set(bus.taken) <= set(rows[:20] + rows[30:])
    bus.refused = 0
    assert deliver(bus) == 25
    assert sorted(set(bus.taken)) == rows


def test_run_ends_in_time_and_the_next_one_continues(rows: list[int]) -> None:
    bus = MemoryBus()
    assert deliver(bus, seconds=0) == 0
    assert deliver(bus) == len(rows)


def test_unreachable_bus_adds_no_row(rows: list[int]) -> None:
    for _ in range(3):
        with pytest.raises(BusUnavailable):
            deliver(MemoryBus(last=0))
    assert AuditEvent.objects.count() == len(rows)
    assert position() == 0


def test_replay_sends_events_of_a_time_and_keeps_the_position(rows: list[int]) -> None:
    deliver(MemoryBus())
    bus, now = MemoryBus(), timezone.now()
    hour = timedelta(hours=1)
    assert list(replay(bus, since=now - hour, until=now + hour)) == [rows[9], rows[19], rows[24]]
    assert bus.taken == rows
    assert position() == rows[-1]
    assert list(replay(bus, since=now - hour, until=now + hour, after=rows[19])) == [rows[24]]
    assert list(replay(bus, since=now + hour, until=now + 2 * hour)) == []


def test_old_events_are_kept_until_they_are_delivered(settings: Settings) -> None:
    settings.AUDIT_EVENT_BUS = "audit"
    old = timezone.now() - timedelta(days=400)
    write(at=old)
    assert retention.delete_older_than(365) == 0
    deliver(MemoryBus())
    assert retention.delete_older_than(365) == 1


def stubbed(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> Bus:
    """Return a bus that gets these answers: lists of error codes, or the code of an error."""
    monkeypatch.setattr(bus_module, "_PAUSE_SECONDS", 0)
    client = boto3.client(
        "events", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    stub = Stubber(client)
    for answer in answers:
        if isinstance(answer, str):
            stub.add_client_error("put_events", answer, expected_params={"Entries": ANY})
        else:
            entries = [{"ErrorCode": code} if code else {"EventId": "1"} for code in answer]
            stub.add_response(
                "put_events", {"Entries": entries, "FailedEntryCount": 0}, {"Entries": ANY}
            )
    stub.activate()
    bus = Bus("audit")
    vars(bus)["_client"] = client
    return bus


BUSY = "ThrottlingException"


@pytest.mark.parametrize(
    ("answers", "taken"),
    [
        ([["", "", ""]], 3),
        ([["", BUSY, ""], [""]], 3),
        ([["", BUSY, BUSY], ["", BUSY], [BUSY]], 2),
        ([["", "", BUSY], "InternalException"], 2),
    ],
)
def test_entries_that_the_bus_refuses_are_sent_again(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], taken: int
) -> None:
    events = [AuditEvent.objects.get(pk=write()) for _ in range(3)]
    assert stubbed(monkeypatch, *answers).put(events) == taken


@pytest.mark.parametrize("answers", [["AccessDeniedException"], [[BUSY], [BUSY], [BUSY]]])
def test_refusal_of_the_first_event_names_the_code_alone(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any]
) -> None:
    events = [AuditEvent.objects.get(pk=write(detail="a-detail"))]
    with pytest.raises(BusUnavailable, match=r"^(AccessDeniedException|ThrottlingException)$"):
        stubbed(monkeypatch, *answers).put(events)


def test_entry_has_the_schema_as_its_type() -> None:
    found = entry(AuditEvent.objects.get(pk=write()), bus="audit")
    assert found["DetailType"] == json.loads(found["Detail"])["schema"] == "audit.v1"


@pytest.mark.parametrize(
    "command", [["deliver_audit_events"], ["replay_audit_events", "--since", "2026-01-01"]]
)
def test_commands_need_a_bus(command: list[str]) -> None:
    with pytest.raises(CommandError, match="AUDIT_EVENT_BUS is not set"):
        call_command(*command)


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "2026-01-01T25:00:00Z"])
def test_replay_refuses_another_form_of_time(settings: Settings, since: str) -> None:
    settings.AUDIT_EVENT_BUS = "audit"
    with pytest.raises(CommandError, match="expected a day"):
        call_command("replay_audit_events", "--since", since)


def test_commands_say_what_they_sent_and_how_to_continue(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, rows: list[int]
) -> None:
    settings.AUDIT_EVENT_BUS = "audit"
    bus = MemoryBus(last=rows[9])
    for name in ("deliver_audit_events", "replay_audit_events"):
        monkeypatch.setattr(f"accounts.management.commands.{name}.Bus", lambda: bus)
    with pytest.raises(CommandError, match=r"InternalException.*the next run sends them"):
        call_command("deliver_audit_events")
    bus.last = rows[19]
    printed = StringIO()
    day = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    with pytest.raises(CommandError, match=f"add --after {rows[19]}"):
        call_command("replay_audit_events", "--since", day, stdout=printed)
    bus.last = sys.maxsize
    call_command("replay_audit_events", "--since", day, "--after", str(rows[19]), stdout=printed)
    call_command("deliver_audit_events", stdout=printed)
    assert printed.getvalue().splitlines() == [
        f"sent up to row {rows[9]}",
        f"sent up to row {rows[19]}",
        f"sent up to row {rows[24]}",
        "All events of this time were sent.",
        "audit events: 15 delivered",
    ]
