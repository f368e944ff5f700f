"""The stage's secrets, in AWS Secrets Manager: one JSON object for each stage.

From there they go into the function's environment, which Lambda encrypts, and never through a file,
a bundle or a command line. The function does not read Secrets Manager itself: that would add a call
to every cold start, and a network failure would break the import.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from infra.deploy.stage.target import Target
from infra.deploy.step import Run, Step
from infra.errors import InfraError

DATABASE_URL = "DATABASE_URL"


class Secrets(Step):
    name = "the secrets"

    def apply(self, run: Run) -> list[str]:
        run.secrets = ensure_secrets(
            run.target.client("secretsmanager"),
            run.target.stage.secret_name,
            database_url=run.database_url,
            tags=run.target.stage.all_tags,
        )
        return []

    def destroy(self, target: Target) -> list[str]:
        client = target.client("secretsmanager")
        # Without a recovery window, so that a new stage can use the name at once.
        with suppress(client.exceptions.ResourceNotFoundException):
            client.delete_secret(SecretId=target.stage.secret_name, ForceDeleteWithoutRecovery=True)
        return []


def ensure_secrets(
    client: Any, name: str, *, database_url: str | None, tags: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the stage's secrets as variables of the application, and generate missing keys.

    Args:
        database_url: replaces the stored one.

    Raises:
        InfraError: no `database_url` is given or stored, or the stored secret has another form.
        ValueError: the stored secret is not JSON.
    """
    stored = _read(client, name)
    wanted = dict(stored or {})
    wanted.setdefault("DJANGO_SECRET_KEY", secrets.token_urlsafe(64))
    wanted.setdefault("TOKEN_ENCRYPTION_KEYS", _fernet_key())
    if database_url:
        wanted[DATABASE_URL] = database_url
    if not wanted.get(DATABASE_URL):
        raise InfraError(
            "There is no database yet: set DATABASE_URL in the environment of this command, for "
            "example with `read -rs DATABASE_URL && export DATABASE_URL`. The deployment stores it."
        )
    if wanted != stored:
        text = json.dumps(wanted)
        if stored is None:
            client.create_secret(
                Name=name,
                SecretString=text,
                Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()],
            )
        else:
            client.put_secret_value(SecretId=name, SecretString=text)
    return wanted


def has_secret(client: Any, name: str) -> bool:
    try:
        client.describe_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def _read(client: Any, name: str) -> dict[str, str] | None:
    try:
        text = client.get_secret_value(SecretId=name)["SecretString"]
    except client.exceptions.ResourceNotFoundException:
        return None
    values = json.loads(text)
    # Check the types here: boto3 would quote a value that it cannot send.
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise InfraError(
            f"The secret {name} must be a JSON object whose values are strings. Write several keys "
            "as one string, separated by commas."
        )
    return values


def _fernet_key() -> str:
    """https://cryptography.io/en/latest/fernet/: 32 bytes, in base64 for URLs."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
