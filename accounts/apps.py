"""The accounts application."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage


class AccountsConfig(AppConfig):
    # The package of an adopted project is below another one: docs/adopt.md.
    name = __name__.rpartition(".")[0]
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        checks.register(_check, checks.Tags.security)


def _check(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Load the checks when they run: `manage.py` runs them, and a server does not."""
    from accounts.checks import run_all  # noqa: PLC0415 # as above

    return run_all(app_configs=app_configs, **options)
