"""The actors of a token: services and agents that act for its user (RFC 8693, section 4.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cognito.errors import InvalidClaim
from cognito.tokens.identifiers import optional_identifier

# A user who calls through an agent, which calls through a service, has two actors. Longer chains
# are not known to exist, and each link is written into the audit trail.
MAX_ACTORS = 3
# Of the claim as compact JSON. Three identifiers of the maximum length fit.
MAX_BYTES = 2048
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Actor(NamedTuple):
    """A party that acts for the user of a token.

    Attributes:
        sub: the identity of the actor. It is unique together with `issuer`.
        issuer: None if the claim names none. The issuer of the token is meant then.
        client_id: the app client of the actor, if the claim names it.
    """

    sub: str
    issuer: str | None
    client_id: str | None


def actors_of(unverified_payload: Mapping[str, Any]) -> tuple[Actor, ...]:
    """Return the actors in the claim ``act``, the current one first; empty without the claim.

    Only the current actor decides about access. The others are prior actors, for the record.

    Raises:
        InvalidClaim: the claim is not an object, is nested more than MAX_ACTORS deep, is longer
            than MAX_BYTES, or does not identify an actor.
    """
    actors: list[Actor] = []
    level = unverified_payload
    _require_bounds(level.get("act"))
    while "act" in level:
        level = level["act"]
        actors.append(_actor(level))
    return tuple(actors)


def _require_bounds(claim: Any) -> None:
    """Raise InvalidClaim if the claim is too deep or too long, before anything reads it."""
    level, depth = claim, 1
    while isinstance(level, dict) and "act" in level:
        level, depth = level["act"], depth + 1
    if depth > MAX_ACTORS:
        raise InvalidClaim(expected="act")
    if len(_COMPACT.encode(claim).encode("utf-8")) > MAX_BYTES:
        raise InvalidClaim(expected="act")


def _actor(claim: Any) -> Actor:
    if not isinstance(claim, dict):
        raise InvalidClaim(expected="act")
    client_id = optional_identifier(claim, "client_id")
    # AWS does not document which of the two Cognito writes.
    sub = optional_identifier(claim, "sub") or client_id
    if sub is None:
        raise InvalidClaim(expected="act")
    return Actor(sub, optional_identifier(claim, "iss"), client_id)
