from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class MigrationConfig(AppConfig):
    name = "migration"
    # "migration" alone may be the label of another application of the project.
    label = "gatehouse_migration"
    verbose_name = _("Migration of users")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from migration.checks import check_configuration  # noqa: PLC0415 - needs the settings

        checks.register(check_configuration, checks.Tags.security)
