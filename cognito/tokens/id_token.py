"""That an ID token answers this sign-in and no other (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal

from cognito.errors import InvalidClaim, MissingClaim, WrongAccessToken, WrongClient, WrongNonce
from cognito.tokens.claims import optional_identifier
from cognito.wire import base64url


class Skip(Enum):
    """The type of SKIP."""

    SKIP = "skip"


Skipped = Literal[Skip.SKIP]
SKIP: Final = Skip.SKIP
"""Says that a check is left out on purpose. Leaving the argument out is not possible."""


def check_nonce(payload: Mapping[str, Any], expected: str | Skipped) -> None:
    """`nonce` must be the one that this sign-in began with. Raises MissingClaim or WrongNonce."""
    if expected is SKIP:
        return
    if not expected:
        raise ValueError("a nonce that is empty protects nothing: pass SKIP to do without")
    nonce = optional_identifier(payload, "nonce")
    if nonce is None:
        raise MissingClaim(expected="nonce")
    if not hmac.compare_digest(nonce.encode(), expected.encode()):
        raise WrongNonce


def check_authorized_party(payload: Mapping[str, Any], client_id: str) -> None:
    """`azp`, if there, must be the client itself. Raises WrongClient."""
    if "azp" in payload and payload["azp"] != client_id:
        raise WrongClient(expected=client_id, received=payload["azp"])


def check_access_token_hash(
    payload: Mapping[str, Any], unverified_access_token: str | Skipped
) -> None:
    """`at_hash`, if there, must be of this access token (OpenID Connect Core 3.1.3.6).

    Raises InvalidClaim or WrongAccessToken.
    """
    if unverified_access_token is SKIP or "at_hash" not in payload:
        return
    at_hash = payload["at_hash"]
    if not isinstance(at_hash, str):
        raise InvalidClaim(expected="at_hash")
    # SHA-256 because `alg` is RS256; the left half of it.
    digest = hashlib.sha256(unverified_access_token.encode("utf-8", "replace")).digest()
    if not hmac.compare_digest(at_hash.encode(), base64url.encode(digest[:16])):
        raise WrongAccessToken
