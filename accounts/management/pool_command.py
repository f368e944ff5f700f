"""The base of commands that replace Django's, because the user pool stores users and passwords."""

from __future__ import annotations

import shlex
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


def pool_command(operation: str, *arguments: str) -> str:
    """Return the AWS command line of an operation on this application's user pool."""
    options = ["--region", settings.COGNITO_REGION, "--user-pool-id", settings.COGNITO_USER_POOL_ID]
    if settings.AWS_ENDPOINT_URL:
        options += ["--endpoint-url", settings.AWS_ENDPOINT_URL]
    return shlex.join(["aws", "cognito-idp", operation, *options, *arguments])


class PoolCommand(BaseCommand):
    """Accepts all arguments of Django's command. The subclass explains what to do instead."""

    # The command works without a database, and with a configuration that fails the checks.
    requires_system_checks: list[str] = []  # noqa: RUF012 # as Django declares it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--noinput", "--no-input", action="store_false", dest="interactive")
        parser.add_argument("--database")

    @staticmethod
    def username_of(options: dict[str, Any]) -> str:
        return str(options.get("username") or options.get("email") or "ada@example.com")
