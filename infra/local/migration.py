"""Bring users of another site along in the local stack, to try it: docs/migrate-users.md."""

from __future__ import annotations

import json
from collections.abc import Mapping

from infra.aws.provision import COGNITO_TEMPLATE
from infra.errors import InfraError
from infra.local.ministack import MiniStack

SECRET = "gatehouse/local/migration"  # noqa: S105 - its name
ID_ATTRIBUTE = "former_id"


def migration_parameters(ministack: MiniStack, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of the template; none without MIGRATION_URL.

    The variables MIGRATION_URL, MIGRATION_KEY_ID and MIGRATION_KEY are what a stage has in its
    settings and in its secret.
    """
    if not variables.get("MIGRATION_URL"):
        return {}
    members = {"key_id": "MIGRATION_KEY_ID", "key": "MIGRATION_KEY"}
    if missing := [name for name in members.values() if not variables.get(name)]:
        raise InfraError(f"MIGRATION_URL is set, but {' and '.join(missing)} is not.")
    text = json.dumps({member: variables[name] for member, name in members.items()})
    secrets = ministack.secretsmanager()
    try:
        version = secrets.put_secret_value(SecretId=SECRET, SecretString=text)["VersionId"]
    except secrets.exceptions.ResourceNotFoundException:
        version = secrets.create_secret(Name=SECRET, SecretString=text)["VersionId"]
    return {
        "MigrationUrl": variables["MIGRATION_URL"],
        "MigrationSecretName": SECRET,
        "MigrationSecretVersion": version,
        "MigrationIdAttribute": ID_ATTRIBUTE,
        "CustomAttribute1": ID_ATTRIBUTE,
        "UserMigrationCode": COGNITO_TEMPLATE.with_name("triggers")
        .joinpath("user_migration.py")
        .read_text("utf-8"),
    }
