"""Tokens of every combination of audience, actor, client, use and scope, and their verdicts.

`expected_codes` repeats the rules of docs/security.md in words of its own. It shares no code with
the verifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Any

from cognito.testing import WITHOUT, TokenFactory, signing_key
from cognito.testing.token_factory import AUDIENCE, CLIENT_ID

# The names of an audience, an actor, a client, a use and a scope.
Combination = tuple[str, str, str, str, str]

AUDIENCES: dict[str, Any] = {
    "missing": WITHOUT,
    "ours": AUDIENCE,
    "another": "https://billing.example.com",
    "list": ["https://billing.example.com"],
    "list with ours": [AUDIENCE],
    "list of two with ours": ["https://billing.example.com", AUDIENCE],
    "empty": "",
    "other case": AUDIENCE.upper(),
    "trailing slash": f"{AUDIENCE}/",
    "trailing space": f"{AUDIENCE} ",
    "number": 1,
    "true": True,
    "null": None,
    "object": {AUDIENCE: AUDIENCE},
    "very long": AUDIENCE + "x" * 5_000,
    "client": CLIENT_ID,
}


def nested(depth: int) -> dict[str, Any]:
    """Return an actor, with `depth - 1` prior ones."""
    claim: dict[str, Any] = {"sub": f"agent-{depth}"}
    return claim if depth == 1 else claim | {"act": nested(depth - 1)}


ACTORS: dict[str, Any] = {
    "none": WITHOUT,
    "one": nested(1),
    "three deep": nested(3),
    "four deep": nested(4),
    "list": [nested(1)],
    "oversized": nested(1) | {"note": "x" * 3_000},
    "null": None,
    "empty": {},
    "text": "agent-1",
    "with a nested list": {"sub": "agent-1", "act": [nested(1)]},
}
VALID_ACTORS = {"none": 0, "one": 1, "three deep": 3}

CLIENTS = {
    "listed": CLIENT_ID,
    "unlisted": "7dynamic6543210registered",
    "URL": "https://agent.example.net/client.json",
}
SCOPES = {"of ours": "openid api/read", "of another": "openid other/read api/readers"}


def expected_codes(
    aud: str, act: str, client: str, use: str, scope: str, *, clients: str, is_required: bool
) -> frozenset[str]:
    """Return the codes of which the refusal must have one; empty for a token that is accepted."""
    if use == "id":
        # `aud` of an ID token is its client.
        refused = {"missing": {"missing_claim"}, "client": set()}.get(aud, {"wrong_client"})
    elif aud not in {"missing", "ours"} or (aud == "missing" and is_required):
        return frozenset({"wrong_audience"})
    elif client == "listed" or (clients == "any" and aud == "ours" and scope == "of ours"):
        refused = set()
    else:
        refused = {"wrong_client"}
    if act not in VALID_ACTORS:
        refused |= {"invalid_claim"}
    return frozenset(refused)


@cache
def signed_tokens() -> Mapping[Combination, str]:
    """Return a token for each combination."""
    factory = TokenFactory(signing_key("pool"))
    make = {"access": factory.access, "id": factory.id_token}
    return {
        (aud, act, client, use, scope): make[use](
            aud=AUDIENCES[aud], act=ACTORS[act], client_id=CLIENTS[client], scope=SCOPES[scope]
        )
        for aud, act, client, use, scope in product(AUDIENCES, ACTORS, CLIENTS, make, SCOPES)
        # The scope matters only for access tokens that nothing else refuses.
        if scope == "of ours" or (use == "access" and act in VALID_ACTORS)
    }
