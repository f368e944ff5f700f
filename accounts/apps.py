"""The accounts application."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    # The package of an adopted project is below another one: docs/adopt.md.
    name = __name__.rpartition(".")[0]
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import checks  # noqa: PLC0415 # models must be loaded before

        checks.register()
