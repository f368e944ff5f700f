"""The claims of an access token in the form that Cognito writes.

Nearly all tokens have this form, so that one function checks it, in a few steps and without saying
what is wrong. A token of any other form goes through the checks of `cognito.tokens.claim_checks`,
which accept more forms, and have an error for each reason to refuse a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognito.tokens.claim_checks import (
    CLOCK_SKEW_SECONDS,
    MAX_LIFETIME_SECONDS,
    MAX_NUMERIC_DATE,
)
from cognito.tokens.claims import ACCESS, Claims
from cognito.tokens.identifiers import MAX_IDENTIFIER_CHARACTERS


def usual_claims(
    unverified_payload: Mapping[str, Any],
    unverified_json: bytes,
    issuer: str,
    client_ids: frozenset[str],
    now: float,
) -> Claims | None:
    """Return the claims of a usual access token of a user, or None for any other payload.

    The verifier must not hand the result out before it has verified the signature.

    Args:
        unverified_json: the text of the payload.
        issuer: the issuer of the payload, which the caller has checked.
        client_ids: the app clients whose tokens are accepted.
        now: Unix time in seconds.
    """
    get = unverified_payload.get
    sub, username, origin_jti = get("sub"), get("username"), get("origin_jti")
    client_id, scope, groups = get("client_id"), get("scope"), get("cognito:groups", [])
    expires_at, issued_at = get("exp"), get("iat")
    if (
        get("token_use") == ACCESS
        and client_id.__class__ is scope.__class__ is str
        and client_id in client_ids
        and expires_at.__class__ is issued_at.__class__ is int
        and 0 <= issued_at <= now + CLOCK_SKEW_SECONDS
        and now < expires_at < MAX_NUMERIC_DATE
        and expires_at - issued_at <= MAX_LIFETIME_SECONDS
        and groups.__class__ is list
        and sub.__class__ is username.__class__ is origin_jti.__class__ is str
        and sub
        and username
        and origin_jti
        # Nearly always all three are UUIDs. Checking them as one string takes less time.
        and len(together := f"{sub}{username}{origin_jti}") <= MAX_IDENTIFIER_CHARACTERS
        and together.isprintable()
        and " " not in together
        and "nbf" not in unverified_payload
        and "aud" not in unverified_payload
        and "act" not in unverified_payload
    ):
        # The constructor of the class does the same, with one more function call for each token.
        return tuple.__new__(
            Claims,
            (
                issuer,
                sub,
                username,
                ACCESS,
                client_id,
                expires_at,
                issued_at,
                origin_jti,
                scope,
                tuple(groups),
                True,
                (),
                unverified_json,
            ),
        )
    return None
