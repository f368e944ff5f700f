"""Bearer tokens of Cognito as credentials of Django REST framework (RFC 6750)."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import process
from api.challenges import bearer_challenge, required_scopes
from api.principals import Principal, principal_of
from api.refusals import TokenRevoked
from cognito.errors import TokenError
from cognito.tokens.bearer import BEARER
from cognito.tokens.claims import Claims


class CognitoAuthentication(BaseAuthentication):
    """Authenticate by the `Authorization` header alone, never by a cookie, form field or query.

    Authentication makes no outbound call once the signing keys are loaded. Its only database query
    reads new revocations, every few seconds.

    Raises:
        AuthenticationFailed: the credentials are invalid (401).
        KeysUnavailable: the signing keys cannot be loaded (503).
        RevocationsUnavailable: the revocation list cannot be read (503).
    """

    def authenticate(self, request: Request) -> tuple[Principal, object] | None:
        """Return the principal and its claims, or None if the request has no credentials."""
        header = authorization_header(request)
        if not header:
            return None
        claims = verified_claims(header)
        demand_not_revoked(claims)
        return principal_of(claims), claims

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401. It has an error only if the request had credentials.

        Without credentials it has the scopes that a client should ask for. Source: RFC 6750
        section 3.1.
        """
        if authorization_header(request):
            return bearer_challenge(error="invalid_token")
        scopes = required_scopes(request.parser_context["view"])
        return bearer_challenge(scope=" ".join(scopes)) if scopes else bearer_challenge()


def authorization_header(request: Request) -> str:
    """Return the header, with repeated headers joined, or an empty string."""
    # DRF's own request is slower, because it looks for attributes in two places.
    header: str = request._request.META.get("HTTP_AUTHORIZATION", "")  # noqa: SLF001 - documented
    return header


def bearer_token(header: str) -> str:
    """Return the unverified token. Raise AuthenticationFailed if the header is malformed."""
    match = BEARER.fullmatch(header)
    if match is None:
        raise AuthenticationFailed(
            "The Authorization header must be `Bearer`, a space and one token.",
            code="malformed_authorization",
        )
    return match[1]


def verified_claims(header: str) -> Claims:
    """Return the claims of the header's token. Raise AuthenticationFailed if a check fails."""
    # A token that verifies is well-formed. Matching the header takes as long as finding a known
    # token in the cache, so it happens only for a rare spelling or a refused token.
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
    """Raise TokenRevoked if the token's sign-in has ended, or its user is disabled."""
    if process.current.revocations.is_revoked(claims):
        raise TokenRevoked
