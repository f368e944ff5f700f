"""`manage.py delete_old_audit_events --days 730`: apply a retention period to the audit trail."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit import retention


class Command(BaseCommand):
    """Delete in small batches. The command can be stopped at any time and run again."""

    help = (
        "Delete audit events that are older than a number of days. The deletion is an audit event."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            required=True,
            help=f"Keep events for this number of days, at least {retention.MIN_DAYS}.",
        )

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if not retention.MIN_DAYS <= days <= retention.MAX_DAYS:
            raise CommandError(f"--days must be from {retention.MIN_DAYS} to {retention.MAX_DAYS}.")
        count = retention.delete_older_than(days)
        self.stdout.write(f"audit events: {count} deleted")
