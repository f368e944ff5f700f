"""Print how many users came along, and count again for the page in the admin."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from migration.conf import configuration
from migration.progress import count


class Command(BaseCommand):
    help = "Count who came along, who is left and what fails, without a time limit."

    def handle(self, *_: Any, **__: Any) -> None:
        figures = count(configuration())
        lines = [
            *((number, f"came along: {way}") for way, number in sorted(figures["ways"].items())),
            (figures["left"], "left"),
            *([(figures["silent"], "of these, silent for 90 days")] if "silent" in figures else []),
            (figures["unable"], "cannot come along"),
            (figures["users"], "users"),
        ]
        for number, text in lines:
            self.stdout.write(f"{number:>8}  {text}")
        for reason, users, attempts in figures["reasons"]:
            self.stdout.write(f"{attempts:>8}  failed attempts of {users} known users: {reason}")
