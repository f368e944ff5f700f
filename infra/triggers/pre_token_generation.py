"""Scopes from groups: members of a group get further scopes in their access tokens.

GROUP_SCOPES: `editors=api/write auditors=api/read,api/write`. Event version 2, which the pool's
Essentials tier has.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

from __future__ import annotations

import os
from typing import Any

# A group says what a user may do; these say what a client may do, and a group gives its scopes to
# every client.
OF_CLIENTS = frozenset({"api/account", "api/operate", "api/audit"})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    del context
    groups = event["request"].get("groupConfiguration", {}).get("groupsToOverride") or []
    pairs = (pair.partition("=") for pair in os.environ.get("GROUP_SCOPES", "").split())
    scopes = {group: text.split(",") for group, _, text in pairs}
    granted = sorted(
        {scope for group in groups for scope in scopes.get(group, ()) if scope} - OF_CLIENTS
    )
    if granted:
        event["response"]["claimsAndScopeOverrideDetails"] = {
            "accessTokenGeneration": {"scopesToAdd": granted}
        }
    return event
