"""Migrations run while the former version still answers: docs/deploy.md."""

from __future__ import annotations

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField
from django.db.models.fields import NOT_PROVIDED

OURS = ("accounts", "api", "migration")
# It is part of a release.
WITHOUT_DEFAULT = {("accounts", "0013_device_key")}


def test_former_version_can_insert_rows_without_a_new_column() -> None:
    labels = {one.label for one in apps.get_app_configs() if one.name.split(".")[0] in OURS}
    assert "accounts" in labels
    found = {
        (label, name)
        for (label, name), migration in MigrationLoader(None).disk_migrations.items()
        for operation in migration.operations
        if label in labels and isinstance(operation, AddField)
        if not operation.field.null and not operation.field.many_to_many
        if operation.field.db_default is NOT_PROVIDED
    }
    assert found == WITHOUT_DEFAULT, "give the new column null=True or db_default"
