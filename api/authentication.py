"""Bearer tokens of Cognito as credentials of Django REST framework (RFC 6750)."""

from __future__ import annotations

import re

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import process
from api.principals import Principal, principal_of
from api.refusals import TokenRevoked
from cognito.errors import TokenError
from cognito.tokens.claims import Claims

# RFC 6750 section 2.1, the scheme in any case (RFC 9110 section 11.1): only the scheme, or letters
# beyond ASCII would pass in the token. No comma: servers join repeated headers with one.
BEARER = re.compile(r"(?i:Bearer) +([A-Za-z0-9._~+/-]+=*)", re.ASCII)


class CognitoAuthentication(BaseAuthentication):
    """The `Authorization` header decides alone: no cookie, form field or query is looked at.

    No outbound call once the pool's keys are known, and no query but the news of revocations every
    few seconds. Raises AuthenticationFailed (401) for bad credentials, and lets
    `KeysUnavailable` and `RevocationsUnavailable` (503) through.
    """

    def authenticate(self, request: Request) -> tuple[Principal, Claims] | None:
        """The principal and its claims; None if the request carries no credentials."""
        header = authorization_header(request)
        if not header:
            return None
        claims = verified_claims(header)
        demand_not_revoked(claims)
        return principal_of(claims), claims

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401: an error only if credentials came (RFC 6750 section 3.1)."""
        return 'Bearer error="invalid_token"' if authorization_header(request) else "Bearer"


def authorization_header(request: Request) -> str:
    """The header as the server hands it over, repeated ones joined; empty if there is none."""
    # Django's own request: DRF's looks for attributes in two places.
    header: str = request._request.META.get("HTTP_AUTHORIZATION", "")  # noqa: SLF001 - documented
    return header


def bearer_token(header: str) -> str:
    """The token in the header, not yet looked at. Raises AuthenticationFailed if it is no other."""
    match = BEARER.fullmatch(header)
    if match is None:
        raise AuthenticationFailed(
            "The Authorization header must be `Bearer`, a space and one token.",
            code="malformed_authorization",
        )
    return match[1]


def verified_claims(header: str) -> Claims:
    """The claims of the header's token, if it passes every check. Raises AuthenticationFailed."""
    # A token that verifies has the right form. So the whole header is looked at, which takes as
    # long as finding a known token, only if it is written in a rare way or refused.
    unverified_token = header[7:] if header.startswith("Bearer ey") else bearer_token(header)
    verification = process.current.verification
    try:
        return verification.verifier.verify(
            unverified_token, token_uses=verification.api_token_uses
        )
    except TokenError as error:
        bearer_token(header)
        raise AuthenticationFailed(str(error), code=error.code) from error


def demand_not_revoked(claims: Claims) -> None:
    """Raise TokenRevoked if the token's sign-in was ended, or its user switched off."""
    if process.current.revocations.is_revoked(claims):
        raise TokenRevoked
