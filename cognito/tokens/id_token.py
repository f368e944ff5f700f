"""Check that an ID token belongs to this sign-in (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal

from cognito.errors import InvalidClaim, MissingClaim, WrongAccessToken, WrongClient, WrongNonce
from cognito.tokens.identifiers import optional_identifier
from cognito.wire import base64url


class Skip(Enum):
    """The type of SKIP."""

    SKIP = "skip"


Skipped = Literal[Skip.SKIP]
SKIP: Final = Skip.SKIP
"""Skips a check on purpose. The argument itself is required."""


def check_nonce(payload: Mapping[str, Any], expected: str | Skipped) -> None:
    """Check that `nonce` is that of this sign-in. Raises MissingClaim or WrongNonce."""
    if expected is SKIP:
        return
    if not expected:
        raise ValueError("the nonce is empty; pass SKIP to skip the check")
    nonce = optional_identifier(payload, "nonce")
    if nonce is None:
        raise MissingClaim(expected="nonce")
    if not hmac.compare_digest(nonce.encode(), expected.encode()):
        raise WrongNonce


def check_authorized_party(payload: Mapping[str, Any], client_id: str) -> None:
    """Check that `azp`, if present, is the client itself. Raises WrongClient."""
    if "azp" in payload and payload["azp"] != client_id:
        raise WrongClient(expected=client_id, received=payload["azp"])


def check_access_token_hash(
    payload: Mapping[str, Any], unverified_access_token: str | Skipped
) -> None:
    """Check that `at_hash`, if present, matches the access token (OpenID Connect Core 3.1.3.6).

    Raises InvalidClaim or WrongAccessToken.
    """
    if unverified_access_token is SKIP or "at_hash" not in payload:
        return
    at_hash = payload["at_hash"]
    if not isinstance(at_hash, str):
        raise InvalidClaim(expected="at_hash")
    # The left half of SHA-256, because `alg` is RS256.
    digest = hashlib.sha256(unverified_access_token.encode("utf-8", "replace")).digest()
    if not hmac.compare_digest(at_hash.encode(), base64url.encode(digest[:16])):
        raise WrongAccessToken
