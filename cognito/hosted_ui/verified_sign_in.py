"""Verification of the tokens of a sign-in, together."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple, cast

from cognito.errors import (
    InvalidClaim,
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


class VerifiedSignIn(NamedTuple):
    """The verified claims of both tokens of one sign-in."""

    id_claims: Claims
    access_claims: Claims

    @property
    def device_key(self) -> str:
        """The id of the device that the pool tracks for this sign-in, or an empty string.

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
    """Verify the ID token, the access token, and that both belong to this sign-in.

    Pass SKIP as `nonce` for the tokens of a refresh, whose ID token has no nonce (OpenID Connect
    Core 1.0 section 12.2).

    Source: OpenID Connect Core 1.0, sections 3.1.3.7 and 3.1.3.8.

    Raises:
        TokenError: a token is invalid, or they belong to two sign-ins (token injection).
        KeysUnavailable: the key set is unavailable, or was fetched a moment ago and lacks the
            key that the pool signs with.
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
    # The verifier accepts every client of the API, but only the web client signs browsers in.
    if access_claims.client_id != client_id:
        raise WrongClient(expected=client_id, received=access_claims.client_id)
    # A browser session and a refresh token belong to the user alone.
    if id_claims.actors or access_claims.actors:
        raise InvalidClaim(expected="no act")
    if (access_claims.issuer, access_claims.sub) != (id_claims.issuer, id_claims.sub):
        raise WrongAccessToken
    return VerifiedSignIn(id_claims, access_claims)


def log_unverifiable(error: TokenError) -> None:
    """Log why tokens that the pool has just issued do not verify: the configuration is wrong."""
    if isinstance(error, TokenNotYetValid | TokenExpired):
        log_wrong_clock(error)
        return
    logger.error(
        "Cognito issued tokens that do not verify (%s). Check COGNITO_ISSUER, COGNITO_JWKS_URL and "
        "COGNITO_CLIENT_ID.",
        error.code,
    )


def log_wrong_clock(error: TokenError) -> None:
    """Log how far the clock is off, if the error of tokens that were just issued shows it."""
    if isinstance(error, TokenNotYetValid | TokenExpired):
        # Both are Unix times in seconds.
        now, time_in_token = cast("float", error.expected), cast("float", error.received)
        logger.error(
            "Cognito issued tokens that do not verify (%s): the clock of this machine is wrong by "
            "%d s or more. Set the clock, and synchronize it by NTP.",
            error.code,
            abs(time_in_token - now),
        )
