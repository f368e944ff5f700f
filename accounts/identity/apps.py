"""The application with the table of identities."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "accounts.identity"
    # A project may have an application `identity` already.
    label = "gatehouse_identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.identity import server_log  # noqa: PLC0415 # applications must be loaded

        server_log.keep_codes_out()
