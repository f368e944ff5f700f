"""`manage.py repeat_pool_changes --since … --action disable_user`: after a recovery of the pool."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.stream.delivery import RUN_SECONDS
from accounts.management.moments import EXPECTED, moment
from accounts.not_allowed import LastSuperuser
from accounts.recovery import pool_changes
from accounts.recovery.repetition import repeat
from cognito.errors import CognitoError

_SHOWN_FAILURES = 20


class Command(BaseCommand):
    """Repeating a change that is in force already does nothing."""

    help = (
        "Repeat deletions, disabled users and removed groups and factors of the audit trail, which "
        "a recovery of the user pool has undone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=moment, required=True, help=f"From {EXPECTED}.")
        parser.add_argument(
            "--until", type=moment, required=True, help=f"Before the recovery: {EXPECTED}."
        )
        parser.add_argument(
            "--action",
            action="append",
            required=True,
            choices=[action.value for action in pool_changes.REPEATABLE],
            help="What to repeat. Give it several times for several actions.",
        )
        parser.add_argument(
            "--except-by",
            action="append",
            default=[],
            metavar="SUB",
            help="Leave out what this user did, for example with a stolen account.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Only list what to repeat.")
        parser.add_argument(
            "--after", type=int, default=0, help="Continue after this row, which the command names."
        )

    def handle(
        self,
        *args: Any,
        since: datetime,
        until: datetime,
        action: list[str],
        except_by: list[str],
        dry_run: bool,
        after: int,
        **options: Any,
    ) -> None:
        deadline = time.monotonic() + RUN_SECONDS
        failures: list[str] = []
        repeated = 0
        for event in pool_changes.lasting(
            frozenset(action), since=since, until=until, after=after, except_by=frozenset(except_by)
        ):
            if time.monotonic() > deadline:
                raise CommandError(f"There is more to do. To continue, add --after {after}.")
            what = f"{event.pk}  {event.action}: {event.subject_label} ({event.subject_sub})"
            try:
                done = dry_run or repeat(event)
            except (CognitoError, LastSuperuser) as error:
                failures.append(f"{what}: {error.code}")
            else:
                repeated += done
                self.stdout.write(f"{what}: {_words(done=done, is_dry=dry_run)}")
            after = event.pk
        if failures:
            # On Lambda, the message is all that the deployer sees of a command that fails.
            lines = "\n".join(failures[:_SHOWN_FAILURES])
            raise CommandError(f"{len(failures)} changes failed. Repeat the command.\n{lines}")
        verb = "would be" if dry_run else "were"
        self.stdout.write(f"{repeated} changes {verb} repeated.")


def _words(*, done: bool, is_dry: bool) -> str:
    if is_dry:
        return "would be repeated"
    return "repeated" if done else "in force already"
