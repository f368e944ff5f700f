"""What nobody else may know, in AWS Secrets Manager: one JSON object a stage.

From there it goes into the function's environment, which Lambda encrypts; never through a file, a
bundle or a command line. The function does not read Secrets Manager itself: that would cost every
cold start a call, and make a network failure one of the import.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any

from infra.errors import InfraError

DATABASE_URL = "DATABASE_URL"


def ensure_secrets(
    client: Any, name: str, *, database_url: str | None, tags: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The stage's secrets as variables of the application. What nobody has to choose is made.

    `database_url` replaces the one that is stored. Raises InfraError where there is neither, and
    ValueError where what is stored is not JSON.
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
            "example with `read -rs DATABASE_URL && export DATABASE_URL`. It is asked for once."
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


def delete_secrets(client: Any, name: str) -> None:
    """For good: a stage of the same name may be made again at once."""
    try:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    except client.exceptions.ResourceNotFoundException:
        return


def has_secrets(client: Any, name: str) -> bool:
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
    # Nothing of it may be in a message, and boto3 would show what it cannot send.
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise InfraError(
            f"The secret {name} is to be a JSON object whose values are texts. Several keys are "
            "one text, with commas."
        )
    return values


def _fernet_key() -> str:
    """https://cryptography.io/en/latest/fernet/: 32 bytes, in base64 for URLs."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
