"""`manage.py replay_audit_events --since 2026-11-01`: send audit events again."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.audit.stream.bus import Bus, BusUnavailable
from accounts.audit.stream.delivery import replay
from accounts.management.commands.deliver_audit_events import NOT_SET
from accounts.management.moments import EXPECTED, moment


class Command(BaseCommand):
    """The events have the ids that they had at first, so that receivers recognise them."""

    help = "Send the audit events of a time to the event bus again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=moment, required=True, help=f"From {EXPECTED}.")
        parser.add_argument("--until", type=moment, help=f"Before {EXPECTED}; by default now.")
        parser.add_argument(
            "--after", type=int, default=0, help="Continue after this row, which the command names."
        )

    def handle(
        self, *args: Any, since: datetime, until: datetime | None, after: int, **options: Any
    ) -> None:
        if not settings.AUDIT_EVENT_BUS:
            raise CommandError(NOT_SET)
        last = after
        try:
            for last in replay(Bus(), since=since, until=until or timezone.now(), after=after):
                self.stdout.write(f"sent up to row {last}")
        except BusUnavailable as error:
            raise CommandError(
                f"The event bus did not take all audit events ({error}). To continue, add "
                f"--after {last}."
            ) from None
        self.stdout.write("All events of this time were sent.")
