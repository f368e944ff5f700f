"""`manage.py deliver_audit_events`: send new audit events to the event bus, on a schedule."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.audit.stream.bus import Bus, BusUnavailable
from accounts.audit.stream.delivery import deliver

NOT_SET = "AUDIT_EVENT_BUS is not set: docs/audit-stream.md."


class Command(BaseCommand):
    """Safe to run at any time, also several times at once."""

    help = "Send the audit events that the event bus does not have yet."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.AUDIT_EVENT_BUS:
            raise CommandError(NOT_SET)
        try:
            count = deliver(Bus())
        except BusUnavailable as error:
            raise CommandError(
                f"The event bus did not take all audit events ({error}). They stay in the trail, "
                "and the next run sends them."
            ) from None
        self.stdout.write(f"audit events: {count} delivered")
