"""`manage.py replay_audit_events --since 2026-11-01`: send audit events again."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.audit.stream.bus import Bus, BusUnavailable
from accounts.audit.stream.delivery import replay
from accounts.management.commands.deliver_audit_events import NOT_SET


class Command(BaseCommand):
    """The events have the ids that they had at first, so that receivers recognise them."""

    help = "Send the audit events of a time to the event bus again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        moment = "a day or a time in UTC, such as 2026-11-28 or 2026-11-28T12:00:00Z"
        parser.add_argument("--since", type=_moment, required=True, help=f"From {moment}.")
        parser.add_argument("--until", type=_moment, help=f"Before {moment}; by default now.")
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


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)):
            found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        found = None
    if found is None:
        raise ArgumentTypeError("expected a day such as 2026-11-28, or a time")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
