"""The checks of a token's claims. Each has its own error.

They run before the signature is verified, because verifying it takes far longer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cognito.errors import (
    InvalidClaim,
    LifetimeTooLong,
    MissingClaim,
    TokenExpired,
    TokenNotYetValid,
    WrongAudience,
    WrongClient,
    WrongTokenUse,
)
from cognito.tokens.claims import ACCESS, ID, TokenUse, scopes_in

# The issuer's clock may be ahead of ours by this much. `exp` gets no such tolerance.
CLOCK_SKEW_SECONDS = 60
# Cognito's tokens are valid for at most a day. The half hour tolerates other readings of a day.
MAX_LIFETIME_SECONDS = 24 * 3600 + 1800

MAX_NUMERIC_DATE = 2**53

# An id that Cognito assigns has at most 128 characters. An id can also be a URL.
_CLIENT_ID = re.compile(r"[!-~]{1,2048}")

_USE_NEEDED = {
    ID: "An access token is needed here, and an ID token was sent.",
    ACCESS: "An ID token is needed here, and an access token was sent.",
}


def token_use_of(unverified_payload: Mapping[str, Any], accepted: frozenset[str]) -> TokenUse:
    """Return `token_use` if it is accepted. Raises MissingClaim or WrongTokenUse."""
    value = unverified_payload.get("token_use")
    if value == ACCESS and ACCESS in accepted:
        return ACCESS
    if value == ID and ID in accepted:
        return ID
    if "token_use" not in unverified_payload:
        raise MissingClaim(expected="token_use")
    raise wrong_token_use(value, accepted=accepted)


def wrong_token_use(received: object, *, accepted: frozenset[str]) -> WrongTokenUse:
    """Return the error that tells a caller which kind of token to send instead."""
    message = _USE_NEEDED.get(received) if isinstance(received, str) else None
    return WrongTokenUse(message, expected=accepted, received=received)


def validity_of(unverified_payload: Mapping[str, Any], now: float) -> tuple[float, float]:
    """Return `iat` and `exp` of a token that is valid at `now`. All are Unix times in seconds.

    `exp` and `iat` are required; Cognito sets both. `nbf` is checked if it is present. Raises
    MissingClaim, InvalidClaim, TokenExpired, TokenNotYetValid or LifetimeTooLong.
    """
    expires_at = _numeric_date(unverified_payload, "exp")
    issued_at = _numeric_date(unverified_payload, "iat")
    # "On or after" (RFC 7519 section 4.1.4).
    if now >= expires_at:
        raise TokenExpired(expected=now, received=expires_at)
    if issued_at > now + CLOCK_SKEW_SECONDS:
        raise TokenNotYetValid(expected=now, received=issued_at)
    if "nbf" in unverified_payload:
        not_before = _numeric_date(unverified_payload, "nbf")
        if not_before > now + CLOCK_SKEW_SECONDS:
            raise TokenNotYetValid(expected=now, received=not_before)
    if expires_at - issued_at > MAX_LIFETIME_SECONDS:
        raise LifetimeTooLong(expected=MAX_LIFETIME_SECONDS, received=expires_at - issued_at)
    return issued_at, expires_at


def require_audience(unverified_payload: Mapping[str, Any], audience: str | None) -> None:
    """Raise WrongAudience unless ``aud`` is `audience`, character by character (RFC 8707).

    A list is refused even if it contains the audience, because Cognito binds a token to one.
    """
    received = unverified_payload.get("aud")
    if not isinstance(received, str) or received != audience:
        raise WrongAudience(expected=audience, received=received)


def client_id_of(
    unverified_payload: Mapping[str, Any],
    token_use: TokenUse,
    accepted: frozenset[str],
    open_scopes: frozenset[str],
) -> str:
    """Return the app client that the token was issued to. Raises MissingClaim or WrongClient.

    The client is `client_id` of an access token, and `aud` of an ID token. A list is refused even
    if it contains our client, because Cognito never issues one.

    Args:
        accepted: the clients that are listed.
        open_scopes: an access token with one of these scopes may be of any client of the pool. The
            client may be named by an https URL (OAuth Client ID Metadata Document), or may have
            registered itself (RFC 7591).
    """
    name = "client_id" if token_use == ACCESS else "aud"
    value = unverified_payload.get(name)
    if isinstance(value, str) and value in accepted:
        return value
    if name not in unverified_payload:
        raise MissingClaim(expected=name)
    if open_scopes and isinstance(value, str) and _CLIENT_ID.fullmatch(value):
        scope = unverified_payload.get("scope")
        if isinstance(scope, str) and not open_scopes.isdisjoint(scopes_in(scope)):
            return value
    raise WrongClient(expected=accepted, received=value)


def _numeric_date(unverified_payload: Mapping[str, Any], name: str) -> float:
    value: Any = unverified_payload.get(name)
    # A NumericDate may have a fraction (RFC 7519 section 2). `isinstance` would accept true as an
    # int. Above the limit a float is inexact, and an int can overflow in arithmetic with a float.
    if type(value) in {int, float} and 0 <= value < MAX_NUMERIC_DATE:
        return value  # type: ignore[no-any-return] # it is an int or a float
    if name not in unverified_payload:
        raise MissingClaim(expected=name)
    raise InvalidClaim(expected=name, received=value)
