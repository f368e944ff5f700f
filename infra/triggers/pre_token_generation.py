"""Add scopes to the access tokens of the members of groups.

GROUP_SCOPES has the form `editors=api/write auditors=api/read,api/write`. The function handles
version 2 of the event, which the pool's Essentials tier supports.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

from __future__ import annotations

import os
from typing import Any

# These scopes are permissions of a client, so a group must not grant them: it would grant them to
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
