"""What a finished sign-in proves: the tokens that came for the code, verified together."""

from __future__ import annotations

from dataclasses import dataclass

from cognito.claims import Claims
from cognito.errors import WrongAccessToken, WrongClient
from cognito.hosted_ui import UnverifiedTokens
from cognito.id_token import Skipped
from cognito.tokens import TokenVerifier


@dataclass(frozen=True, slots=True)
class VerifiedSignIn:
    """Both tokens of one sign-in, of one user, issued to this application."""

    id_claims: Claims
    access_claims: Claims


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
        KeysUnavailable: the key set cannot be had.
    """
    id_claims = verifier.verify_id_token(
        unverified_tokens.id_token,
        client_id=client_id,
        nonce=nonce,
        access_token=unverified_tokens.access_token,
    )
    access_claims = verifier.verify(
        unverified_tokens.access_token, token_uses=frozenset({"access"})
    )
    # The verifier takes every client of the API; a browser sign-in is for the web client alone.
    if access_claims.client_id != client_id:
        raise WrongClient(expected=client_id, received=access_claims.client_id)
    if (access_claims.issuer, access_claims.sub) != (id_claims.issuer, id_claims.sub):
        raise WrongAccessToken
    return VerifiedSignIn(id_claims, access_claims)
