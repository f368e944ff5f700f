"""The actors of a request: services or agents that act for its user (RFC 8693)."""

from __future__ import annotations

from django.http import HttpRequest

from cognito.tokens.claims import Claims


def delegated_claims(request: HttpRequest) -> Claims | None:
    """Return the claims of the request's bearer token if an actor sent it, otherwise None.

    Only requests of the API have a bearer token. Its views must have authenticated it already.
    """
    claims = getattr(request, "auth", None)
    return claims if isinstance(claims, Claims) and claims.actors else None
