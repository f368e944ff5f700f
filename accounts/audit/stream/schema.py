"""Audit events as other systems receive them: docs/audit.v1.json has the schema."""

from __future__ import annotations

import json
import uuid
from typing import Any, Final

from django.conf import settings

from accounts.models import AuditEvent

# A change that a reader of version 1 could not read gets another name.
NAME: Final = "audit.v1"
SOURCE: Final = "gatehouse.audit"


def event_id(event: AuditEvent) -> str:
    """Return an id that is the same each time that the event is sent."""
    name = f"{settings.PUBLIC_URL}/audit-events/{event.pk}#{event.at.isoformat()}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def document(event: AuditEvent) -> dict[str, Any]:
    return {
        "schema": NAME,
        "id": event_id(event),
        "sequence": event.pk,
        "site": settings.PUBLIC_URL,
        "at": event.at.isoformat().replace("+00:00", "Z"),
        "action": event.action,
        "outcome": event.outcome,
        "detail": event.detail,
        "actor": {"sub": event.actor_sub, "label": event.actor_label},
        "subject": {"sub": event.subject_sub, "label": event.subject_label},
        "address": event.address,
        "user_agent": event.user_agent,
        "request_id": event.request_id,
    }


def entry(event: AuditEvent, *, bus: str) -> dict[str, Any]:
    """Return an entry of PutEvents."""
    return {
        "EventBusName": bus,
        "Source": SOURCE,
        "DetailType": NAME,
        "Time": event.at,
        "Detail": json.dumps(document(event), ensure_ascii=False, separators=(",", ":")),
    }
