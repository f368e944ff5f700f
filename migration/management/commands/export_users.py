"""Write the users of the old site to a file for `python -m infra users import`."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections import Counter
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from migration.conf import configuration
from migration.export import records


class Command(BaseCommand):
    help = (
        "Write all users, with their password hashes, to a file that only you can read. "
        "`python -m infra users import FILE` imports them: docs/migrate-users.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the new file, for example users.jsonl")

    def handle(self, *_: Any, **options: Any) -> None:
        configured = configuration()
        counts: Counter[tuple[str, str]] = Counter()
        name = options["file"]
        partial = f"{name}.partial"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with suppress(FileNotFoundError):
            os.remove(partial)  # noqa: PTH107
        try:
            # An interrupted export leaves no file that looks complete.
            with open(os.open(partial, flags, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
                for record in records(configured):
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
                    detail = record.get("algorithm") or record["reason"]
                    counts[record["way"], detail] += 1
            os.replace(partial, name)  # noqa: PTH105
        except OSError as error:
            raise CommandError(f"{name} cannot be written: {error.strerror}.") from error
        self._report(counts, name)

    def _report(self, counts: Counter[tuple[str, str]], name: str) -> None:
        self.stdout.write(f"{'users':>8}  {'way':<18}  algorithm or reason")
        for (way, detail), number in sorted(counts.items()):
            self.stdout.write(f"{number:>8}  {way:<18}  {detail}")
        self.stdout.write(f"{sum(counts.values()):>8}  in {name}")
        self.stdout.write("The file contains password hashes. Delete it after the import.")
