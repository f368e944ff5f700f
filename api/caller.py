"""The person who calls: their claims, their row here, and the token that they sent."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from accounts.audit import trail
from accounts.audit.subject import Named
from accounts.models import User
from accounts.rate_limits.limits import account_name
from api.authentication import authorization_header, bearer_token
from cognito.tokens.claims import Claims


def claims_of(request: Request) -> Claims:
    """What the caller's verified token says."""
    return cast("Claims", request.auth)


def account_name_of(request: Request) -> str:
    """The caller as throttles count them."""
    claims = claims_of(request)
    return account_name(issuer=claims.issuer, sub=claims.sub)


def access_token_of(request: Request) -> str:
    """The caller's own token, to call Cognito with: read anew, so that nothing keeps it."""
    return bearer_token(authorization_header(request))


def row_of(request: Request) -> User | None:
    """The caller's row; None for somebody who never signed in with a browser."""
    claims = claims_of(request)
    return User.objects.filter(issuer=claims.issuer, sub=claims.sub).first()


def actor_of(request: Request) -> Named:
    """The caller as the audit trail names them."""
    claims = claims_of(request)
    return trail.find_person(issuer=claims.issuer, sub=claims.sub, username=claims.username or "")
