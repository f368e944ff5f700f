"""`manage.py link_identities`: let users of the user pool sign in as users of this project."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import conf
from accounts.models.identity import has_own_user_model
from cognito.errors import CognitoError


class Command(BaseCommand):
    """It changes nothing without --apply. Pairs that are linked already stay as they are."""

    help = (
        "Link users of this project to users of the user pool, by the address that the pool has "
        "verified or by a mapping file. Without --apply, only show what would be linked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--mapping",
            type=Path,
            help="A CSV file with two columns: sub, and a field of the user such as username, "
            "email or pk. Without it, users are linked by their addresses.",
        )
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--apply", action="store_true", help="Link the users.")
        mode.add_argument("--dry-run", action="store_true", help="Link nothing: the default.")
        parser.add_argument(
            "--include-staff",
            action="store_true",
            help="Link users with staff rights by their addresses as well.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if has_own_user_model():
            raise CommandError(
                "The users of this project are rows of accounts.User, which need no link."
            )
        from accounts.management import linking  # noqa: PLC0415 # its table is not in each project

        try:
            if options["mapping"]:
                with options["mapping"].open(encoding="utf-8-sig", newline="") as file:
                    plan = linking.plan_by_mapping(file)
            else:
                people = linking.people_of(conf.directory())
                plan = linking.plan_by_address(people, may_link_staff=options["include_staff"])
        except (OSError, UnicodeDecodeError, linking.UnusableMapping) as error:
            raise CommandError(f"The mapping file cannot be read: {error}") from error
        except CognitoError as error:
            raise CommandError(f"The user pool did not list its users: {error}") from error
        for link in plan.links:
            self.stdout.write(f"{linking.named(link.user)} -> {link.sub}")
        count = linking.apply(plan) if options["apply"] else len(plan.links)
        for problem in plan.problems:
            self.stderr.write(f"not linked: {problem}")
        verb = "linked" if options["apply"] else "would be linked (add --apply)"
        self.stdout.write(
            f"{count} {verb}, {plan.linked} were linked before, {len(plan.problems)} not linked"
        )
