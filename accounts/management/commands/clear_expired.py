"""`manage.py clear_expired`: delete expired rows, on a schedule."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import cleanup


class Command(BaseCommand):
    """Safe to run at any time, also several times at once."""

    help = "Delete sessions, used sign-ins, revocations and counters that have expired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seconds",
            type=float,
            help="End after this time. The next run continues. Without it, delete all of them.",
        )

    def handle(self, *args: Any, seconds: float | None, **options: Any) -> None:
        cleared = cleanup.clear(timezone.now(), seconds=seconds)
        for name, count in cleared.deleted.items():
            self.stdout.write(f"{name}: {count} deleted")
        if not cleared.is_complete:
            self.stdout.write("More rows have expired. The next run continues.")
