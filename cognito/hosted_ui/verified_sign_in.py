"""What a finished sign-in proves: the tokens that came for the code, verified together."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import cast

from cognito.errors import (
    TokenError,
    TokenExpired,
    TokenNotYetValid,
    WrongAccessToken,
    WrongClient,
)
from cognito.hosted_ui.endpoints import UnverifiedTokens
from cognito.tokens.claims import Claims
from cognito.tokens.id_token import Skipped
from cognito.tokens.verifier import TokenVerifier

logger = logging.getLogger(__name__)

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
DEVICE_KEY = re.compile(r"(?=.{1,55}\Z)[\w-]+_[0-9a-f-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class VerifiedSignIn:
    """Both tokens of one sign-in, of one user, issued to this application."""

    id_claims: Claims
    access_claims: Claims

    @property
    def device_key(self) -> str:
        """The device that the pool tracks this sign-in by, or an empty string.

        Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-device-tracking.html
        """
        value = self.access_claims.raw.get("device_key")
        return value if isinstance(value, str) and DEVICE_KEY.fullmatch(value) else ""


def verify_sign_in(
    verifier: TokenVerifier,
    unverified_tokens: UnverifiedTokens,
    *,
    client_id: str,
    nonce: str | Skipped,
) -> VerifiedSignIn:
    """Verifies the ID token for this sign-in, the access token, and that they belong together.

    Pass SKIP as `nonce` for tokens of a refresh: no sign-in began with one, and the ID token has
    none (OpenID Connect Core 1.0 section 12.2).

    Source: OpenID Connect Core 1.0, sections 3.1.3.7 and 3.1.3.8.

    Raises:
        TokenError: one of them is no good, or they are of two sign-ins (token injection).
        KeysUnavailable: the key set cannot be fetched now, or was fetched a moment ago and lacks
            the key that the pool signs with.
    """
    id_claims = verifier.verify_id_token(
        unverified_tokens.id_token,
        client_id=client_id,
        nonce=nonce,
        access_token=unverified_tokens.access_token,
    )
    access_claims = verifier.verify(
        unverified_tokens.access_token,
        token_uses=frozenset({"access"}),
        is_from_provider=True,
    )
    # The verifier takes every client of the API; a browser sign-in is for the web client alone.
    if access_claims.client_id != client_id:
        raise WrongClient(expected=client_id, received=access_claims.client_id)
    if (access_claims.issuer, access_claims.sub) != (id_claims.issuer, id_claims.sub):
        raise WrongAccessToken
    return VerifiedSignIn(id_claims, access_claims)


def log_unverifiable(error: TokenError) -> None:
    """Log why tokens that the pool has just issued do not verify: the fault is on our side."""
    if isinstance(error, TokenNotYetValid | TokenExpired):
        log_wrong_clock(error)
        return
    logger.error(
        "Cognito gave tokens that do not verify (%s): check COGNITO_ISSUER, COGNITO_JWKS_URL and "
        "COGNITO_CLIENT_ID.",
        error.code,
    )


def log_wrong_clock(error: TokenError) -> None:
    """Log how far the clock is off, if that is why tokens that were just issued do not verify."""
    if isinstance(error, TokenNotYetValid | TokenExpired):
        # Both are times, in seconds since 1970.
        now, time_in_token = cast("float", error.expected), cast("float", error.received)
        logger.error(
            "Cognito gave tokens that do not verify (%s): the clock of this machine is wrong by "
            "%d s or more. Set it, and keep it right by NTP.",
            error.code,
            abs(time_in_token - now),
        )
