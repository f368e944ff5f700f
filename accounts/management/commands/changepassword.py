"""`manage.py changepassword`: explain where passwords are changed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import CommandError

from accounts.management.pool_command import PoolCommand, pool_command


class Command(PoolCommand):
    """Replaces Django's command of this name, which would set a password in the database."""

    help = "Explain how to reset a user's password in the user pool."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", nargs="?")

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        reset = pool_command("admin-reset-user-password", "--username", self.username_of(options))
        raise CommandError(
            "The user pool stores the passwords. To have Cognito send the user a code for a new "
            "password, run: "
            f"{reset}"
        )
