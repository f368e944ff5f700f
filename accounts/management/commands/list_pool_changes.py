"""`manage.py list_pool_changes --since 2026-11-28T12:00:00Z`: what a recovery undoes."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.management.moments import EXPECTED, moment
from accounts.recovery import pool_changes

# Lambda returns at most 6 MB.
LINES = 2000


class Command(BaseCommand):
    """Changes from elsewhere, such as the hosted UI or the AWS console, are not in the trail."""

    help = "List the changes of users and groups that the audit trail has since a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=moment, required=True, help=f"From {EXPECTED}.")
        parser.add_argument("--until", type=moment, help=f"Before {EXPECTED}; by default now.")
        parser.add_argument("--count", action="store_true", help="Only count each action.")
        parser.add_argument(
            "--after", type=int, default=0, help="Continue after this row, which the command names."
        )

    def handle(
        self,
        *args: Any,
        since: datetime,
        until: datetime | None,
        count: bool,
        after: int,
        **options: Any,
    ) -> None:
        end = until or timezone.now()
        if count:
            self._count(since, end)
            return
        row = after
        listed = list(pool_changes.changes(since=since, until=end, after=after)[: LINES + 1])
        if not listed:
            self.stdout.write(_nothing(since))
        for event in listed[:LINES]:
            row = event.pk
            subject = f"{event.subject_label} ({event.subject_sub})".removesuffix(" ()")
            actor = f"{event.actor_label} ({event.actor_sub})".removesuffix(" ()")
            detail = f" [{event.detail}]" if event.detail else ""
            what = f"{event.action}{detail}: {subject}, by {actor}"
            self.stdout.write(f"{row}  {event.at:%Y-%m-%d %H:%M:%S}  {what}")
        if len(listed) > LINES:
            self.stdout.write(f"There are more. To continue, add --after {row}.")

    def _count(self, since: datetime, until: datetime) -> None:
        found = pool_changes.counts(since=since, until=until)
        if not found:
            self.stdout.write(_nothing(since))
            return
        self.stdout.write(f"The audit trail has these changes {_when(since)}:")
        for action, number in found.most_common():
            self.stdout.write(f"{number:>8,}  {action}")


def _nothing(since: datetime) -> str:
    return f"The audit trail has no change of users {_when(since)}."


def _when(since: datetime) -> str:
    return f"since {since:%Y-%m-%d %H:%M:%S %Z}"
