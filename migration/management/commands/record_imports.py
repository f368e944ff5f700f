"""Note which users were imported, so that the page in the admin counts them."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from migration.models import CameAlong, Failure

BATCH = 500


class Command(BaseCommand):
    help = (
        "Note the users of reconciliation.csv, which `python -m infra users import` writes, as "
        "users who came along. It can be repeated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="reconciliation.csv")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with open(options["file"], encoding="utf-8", newline="") as file:  # noqa: PTH123
                keys = [row["pk"] for row in csv.DictReader(file)]
        except (OSError, UnicodeDecodeError, KeyError) as error:
            raise CommandError(
                f"{options['file']} cannot be read, or has no column pk: {type(error).__name__}."
            ) from error
        before = CameAlong.objects.count()
        unknown = 0
        for begin in range(0, len(keys), BATCH):
            unknown += _record(keys[begin : begin + BATCH])
        added = CameAlong.objects.count() - before
        self.stdout.write(f"{added} users were added, {len(keys) - added - unknown} were known.")
        if unknown:
            self.stdout.write(f"{unknown} keys of the file are not users of this site.")


def _record(keys: list[str]) -> int:
    """Return how many of the keys are none of this site."""
    field = get_user_model()._meta.pk
    wanted = []
    for key in keys:
        try:
            wanted.append(field.to_python(key))
        except ValidationError:
            continue
    found = list(
        get_user_model()._default_manager.filter(pk__in=wanted).values_list("pk", flat=True)
    )
    now = timezone.now()
    CameAlong.objects.bulk_create(
        [CameAlong(user_id=key, way=CameAlong.Way.IMPORT, at=now) for key in found],
        ignore_conflicts=True,
    )
    Failure.objects.filter(user__in=found).delete()
    return len(keys) - len(found)
