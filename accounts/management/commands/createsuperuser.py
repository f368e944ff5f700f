"""`manage.py createsuperuser`: explain how a user becomes a superuser."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import CommandError

from accounts.management.pool_command import PoolCommand, pool_command


class Command(PoolCommand):
    """Replaces Django's command of this name, which would create a user without an account."""

    help = "Explain how a user becomes a superuser through a group of the user pool."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        for option in ("--username", "--email", "--id"):
            parser.add_argument(option)

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        group = min(settings.COGNITO_SUPERUSER_GROUPS, default="admins")
        name = ["--username", self.username_of(options)]
        add_to_group = pool_command("admin-add-user-to-group", *name, "--group-name", group)
        if settings.COGNITO_SUPERUSER_GROUPS:
            raise CommandError(
                "A group of the user pool makes a user a superuser. To add the user to the group "
                f"{group}, run: {add_to_group}"
            )
        create_group = pool_command("create-group", "--group-name", group)
        raise CommandError(
            "A group of the user pool makes a user a superuser. Start the application with "
            f"COGNITO_SUPERUSER_GROUPS={group}. To create the group and add the user to it, run: "
            f"{create_group} && {add_to_group}"
        )
