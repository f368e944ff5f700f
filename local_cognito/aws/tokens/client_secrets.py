"""Secrets of app clients. A client has up to two, so that they can be replaced without a pause.

MiniStack keeps the first one in the client (`ClientSecret`), and compares it itself. The second one
is ours.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.service_errors import NotAuthorized


def values(pool: Record, client: Record) -> list[str]:
    """Return the valid secrets; none for a public client."""
    first = client.get("ClientSecret")
    return [first, *(secret["value"] for secret in added(pool, client))] if first else []


def added(pool: Record, client: Record) -> list[Record]:
    """Return the stored secrets besides MiniStack's own."""
    known: dict[str, Any] = own(pool).get("client_secrets", {})
    secrets: list[Record] = known.get(client["ClientId"], {}).get("added", [])
    return secrets


def require(pool: Record, client: Record, secret: str) -> None:
    """Raises NotAuthorized if the client has secrets and this is another text."""
    valid = values(pool, client)
    matches = [hmac.compare_digest(value.encode(), secret.encode()) for value in valid]
    if valid and not any(matches):
        raise NotAuthorized("Unable to verify the secret of the client.")


def secret_hash(secret: str, username: str, client_id: str) -> str:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html"""
    digest = hmac.digest(secret.encode(), (username + client_id).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()
