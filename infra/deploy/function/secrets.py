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
from datetime import datetime
from typing import Any

from infra.deploy.function.function import ALIAS, deployed_function, environment_of
from infra.deploy.function.stored_secrets import (
    CLIENT_SECRET,
    CLIENT_SECRET_ID,
    NEXT,
    created,
    variables_of,
    with_created,
)
from infra.deploy.rotation.ages import status_lines
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, Step
from infra.errors import InfraError

DATABASE_URL = "DATABASE_URL"


class Secrets(Step):
    name = "the secrets"

    def apply(self, run: Run) -> list[str]:
        client, name = run.target.client("secretsmanager"), run.target.stage.secret_name
        stored = ensure_secrets(
            client, name, database_url=run.database_url, tags=run.target.stage.all_tags
        )
        known = dict(stored)
        dates = _dates_of_client_secrets(run)
        if known.get(CLIENT_SECRET_ID) not in dates:
            # The stored one belongs to an app client that CloudFormation has replaced.
            for key in (CLIENT_SECRET, CLIENT_SECRET_ID, NEXT + CLIENT_SECRET):
                if known.pop(key, None):
                    known = with_created(known, client=min(dates.values()))
        made = client.describe_secret(SecretId=name)["CreatedDate"]
        assumed = {"client": min(dates.values()), "encryption": made, "signing": made}
        known = with_created(known, **(assumed | created(known)))
        if known != stored:
            write_secret(client, name, known)
        run.secrets = variables_of(known)
        return []

    def status(self, target: Target) -> list[str]:
        live = deployed_function(target).configuration(ALIAS)
        return status_lines(environment_of(live or {}))

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
    stored = read_secret(client, name)
    wanted = dict(stored or {})
    wanted.setdefault("DJANGO_SECRET_KEY", signing_key())
    wanted.setdefault("TOKEN_ENCRYPTION_KEYS", fernet_key())
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
            write_secret(client, name, wanted)
    return wanted


def has_secret(client: Any, name: str) -> bool:
    try:
        client.describe_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def read_secret(client: Any, name: str) -> dict[str, str] | None:
    """Return the stored object, or None if there is none. Raises InfraError for another form."""
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


def write_secret(client: Any, name: str, values: Mapping[str, str]) -> None:
    """Replace the stored object, which must exist."""
    client.put_secret_value(SecretId=name, SecretString=json.dumps(dict(values)))


def signing_key() -> str:
    """Return a new key for Django."""
    return secrets.token_urlsafe(64)


def fernet_key() -> str:
    """https://cryptography.io/en/latest/fernet/: 32 bytes, in base64 for URLs."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _dates_of_client_secrets(run: Run) -> dict[str, datetime]:
    """Return when each secret of the web client was created, by its id at Cognito."""
    answer = run.target.client("cognito-idp").list_user_pool_client_secrets(
        UserPoolId=run.pool["UserPoolId"], ClientId=run.pool["WebClientId"]
    )
    return {one["ClientSecretId"]: one["ClientSecretCreateDate"] for one in answer["ClientSecrets"]}
