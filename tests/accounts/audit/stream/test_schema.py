"""Audit events in the form that other systems receive."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from accounts.audit.stream.bus import BATCH, MAX_BYTES, _fitting
from accounts.audit.stream.schema import document, entry, event_id
from accounts.models import AuditEvent
from infra.environments import ROOT

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/audit.v1.json").read_text())
AT = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
# The character that takes the most bytes in JSON.
WIDEST = "\x01"


def event(**values: Any) -> AuditEvent:
    return AuditEvent(**{"pk": 7, "at": AT, "action": "sign_in", "outcome": "success", **values})


def widest() -> AuditEvent:
    """Return an event whose texts are as long as the columns allow."""
    texts = {
        field.name: WIDEST * (field.max_length or 0)
        for field in AuditEvent._meta.concrete_fields
        if field.name not in {"id", "at", "address", "outcome"}
    }
    return event(**texts, address="2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff")


@pytest.mark.parametrize("action", AuditEvent.Action.values)
def test_event_of_each_action_fits_the_schema(action: str) -> None:
    found = document(event(action=action, actor_sub="sub", actor_label="ada@example.com"))
    jsonschema.validate(
        found, SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert found["at"] == "2026-11-28T12:30:00Z"


def test_schema_allows_nothing_else() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document(event()), "token": "x"}, SCHEMA)
    assert set(SCHEMA["properties"]) == set(SCHEMA["required"]) == set(document(event()))


def test_id_stays_the_same_and_differs_for_each_event() -> None:
    assert event_id(event()) == event_id(event(detail="another text"))
    assert event_id(event()) != event_id(event(pk=8))


def test_ten_of_the_largest_events_fit_into_one_call() -> None:
    entries = [entry(widest(), bus="audit")] * BATCH
    assert _fitting(entries) == entries
    assert len(entries[0]["Detail"]) > 10_000


def test_entries_over_the_limit_wait_for_the_next_call() -> None:
    large = entry(event(), bus="audit") | {"Detail": "x" * (MAX_BYTES // 2)}
    assert len(_fitting([large, large, large])) == 1
    assert len(_fitting([large | {"Detail": "x" * MAX_BYTES}])) == 1
