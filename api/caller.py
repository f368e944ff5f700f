"""The caller: principal, claims, database row, and access token."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from accounts import conf
from accounts.audit import trail
from accounts.audit.subject import Named
from accounts.identity.adapter import adapter
from accounts.models import AbstractIdentity
from accounts.rate_limits.limits import account_name
from api.authentication import authorization_header, bearer_token
from api.principals import Principal
from api.refusals import InsufficientScope, TokenRequired, TokenRevoked
from cognito.errors import RequestRefused, ScopeNotHeld, TokenError
from cognito.tokens.claims import Claims

if TYPE_CHECKING:
    from cognito.user_pool.token_exchange import DerivedToken


def principal_of(request: Request) -> Principal:
    """Return the caller. Raise NotAuthenticated (401) for a visitor."""
    principal: object = request.user
    if not isinstance(principal, Principal):
        raise NotAuthenticated
    return principal


def claims_of(request: Request) -> Claims:
    """Return the claims of the caller's verified token.

    A view that also accepts browser sessions reads the members of `principal_of` instead, which
    both kinds of callers have.

    Raises:
        NotAuthenticated: the caller is a visitor (401).
        TokenRequired: the caller is the user of a browser session, which has no token (403).
    """
    claims: object = request.auth
    if not isinstance(claims, Claims):
        principal_of(request)
        raise TokenRequired
    return claims


def account_name_of(request: Request) -> str:
    """Return the name by which rate limits count the caller."""
    caller = principal_of(request)
    return account_name(issuer=caller.issuer, sub=caller.sub)


def access_token_of(request: Request) -> str:
    """Return the caller's token for calls to Cognito, read again so that nothing stores it.

    Raises NotAuthenticated or TokenRequired, as `claims_of`.
    """
    claims_of(request)
    return bearer_token(authorization_header(request))


def derived_token_of(
    request: Request, *, audience: str, scopes: Collection[str], actor_token: str | None = None
) -> DerivedToken:
    """Return a token with which a view calls another service for the caller.

    The arguments are those of `TokenExchange.derived_token`.

    Raises:
        NotAuthenticated, TokenRequired: the caller sent no token, as for `claims_of` (401, 403).
        TokenRevoked: the pool does not accept the caller's token any more (401).
        AuthenticationFailed: the caller's token has expired since the request began (401).
        InsufficientScope: the caller's token has none of the scopes (403).
        CognitoUnavailable: the token cannot be exchanged now (429, 502 or 503).
    """
    try:
        return conf.token_exchange().derived_token(
            access_token_of(request), audience=audience, scopes=scopes, actor_token=actor_token
        )
    except ScopeNotHeld:
        raise InsufficientScope(" ".join(sorted(scopes))) from None
    except RequestRefused:
        raise TokenRevoked from None
    except TokenError as error:
        raise AuthenticationFailed(str(error), code=error.code) from None


def row_of(request: Request) -> AbstractIdentity | None:
    """Return the caller's row, or None if the user never signed in with a browser."""
    caller = principal_of(request)
    return adapter().find(issuer=caller.issuer, sub=caller.sub)


def actor_of(request: Request) -> Named:
    """Return the caller as an actor of the audit trail."""
    caller = principal_of(request)
    return trail.find_person(issuer=caller.issuer, sub=caller.sub, username=caller.username or "")
