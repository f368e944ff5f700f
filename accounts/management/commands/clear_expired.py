"""`manage.py clear_expired`: delete expired rows, on a daily schedule."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import cleanup


class Command(BaseCommand):
    """Safe to run at any time, also several times at once."""

    help = "Delete sessions, used sign-ins and revocations that have expired."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in cleanup.clear(timezone.now()):
            self.stdout.write(f"{name}: {count} deleted")
