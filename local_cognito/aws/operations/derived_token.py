"""Exchange a user's token for one that is for another service, or names who acts for the user.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetDerivedToken.html
RFC 8693. AWS does not document the members of `act`: this one has `sub` and `client_id`.
"""
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import (
    InvalidParameter,
    NotAuthorized,
    NotFound,
    UserNotFound,
)
from local_cognito.aws.tokens import client_secrets, issuing

_FLOWS = {False: "ALLOW_TOKEN_EXCHANGE_IMPERSONATION", True: "ALLOW_TOKEN_EXCHANGE_DELEGATION"}
_USES = {"ACCESS_TOKEN": "access", "ID_TOKEN": "id"}
# Each exchange may add one. Resource servers have limits of their own.
MAXIMUM_ACTORS = 10


@dataclass(frozen=True)
class _Parts:
    pool: Record
    client: Record
    subject: Mapping[str, Any]
    user: Record


def get_derived_token(request: Request, context: Context) -> Answer:
    pool, client = context.pools.pool_of_client(request["ClientId"])
    _authenticate(request, context, pool, client)
    flow = _FLOWS[request.get("ActorToken") is not None]
    if flow not in client.get("ExplicitAuthFlows", ()):
        raise InvalidParameter(f"The app client needs {flow}.")
    subject = _verified(request, context, pool, "SubjectToken")
    user = pool["_users"].get(subject.get("username") or subject.get("cognito:username"))
    if user is None:
        raise UserNotFound
    if not user.get("Enabled", True):
        raise NotAuthorized("User is disabled.")
    parts = _Parts(pool, client, subject, user)
    audience = _audience(request, pool)
    scopes = _scopes(request, parts)
    actor = _actor(request, context, pool, subject)
    use = _USES[request.get("RequestedTokenType", "ACCESS_TOKEN")]
    return _issue(context, parts, use=use, scopes=scopes, audience=audience, actor=actor)


def _authenticate(request: Request, context: Context, pool: Record, client: Record) -> None:
    """Accept IAM credentials, or the secret of the app client. Raises NotAuthorized."""
    secret = request.get("ClientSecret")
    if secret is None and context.pools.has_iam_credentials():
        return
    if not client.get("ClientSecret") or not client_secrets.matches(pool, client, secret or ""):
        raise NotAuthorized("Use IAM credentials, or the secret of the app client.")


def _verified(request: Request, context: Context, pool: Record, member: str) -> Mapping[str, Any]:
    """Return the claims of a token of this pool. Raises ServiceError."""
    token, kind = request[member], request.get(f"{member}Type")
    if request.get(f"{member}ProviderName") or kind not in _USES:
        raise InvalidParameter(f"{member} must be an access or ID token of this user pool.")
    cognito, claims = context.pools.cognito, context.pools.unverified_claims(token)
    is_ours = (
        str(claims.get("iss", "")).rpartition("/")[2] == pool["Id"]
        and claims.get("token_use") == _USES[kind]
        and cognito._signature_valid(token)
    )
    expires, origin_jti = claims.get("exp"), claims.get("origin_jti")
    if not is_ours or not isinstance(expires, int) or expires <= context.clock():
        raise NotAuthorized(f"{member} is invalid or has expired.")
    if origin_jti in cognito._revoked_tokens:
        raise NotAuthorized(f"{member} has been revoked.")
    return claims


def _audience(request: Request, pool: Record) -> str | None:
    audiences, resources = request.get("Audiences") or [], request.get("Resources") or []
    if audiences and resources:
        raise InvalidParameter("Request an audience or a resource, but not both.")
    if resources and resources[0] not in pool.get("_resource_servers", {}):
        raise NotFound("The user pool has no such resource server.")
    return next(iter([*audiences, *resources]), None)


def _scopes(request: Request, parts: _Parts) -> list[str]:
    """Return what the request, the subject's token and the app client all have."""
    allowed = parts.client.get("AllowedOAuthScopes") or []
    subject = parts.subject.get("scope")
    # An ID token has no scopes.
    granted = allowed if subject is None else [one for one in subject.split() if one in allowed]
    wanted = request.get("Scopes")
    if not wanted:
        return granted
    kept = [scope for scope in dict.fromkeys(wanted) if scope in granted]
    if not kept:
        raise InvalidParameter("The token and the app client have none of these scopes.")
    return kept


def _actor(
    request: Request, context: Context, pool: Record, subject: Mapping[str, Any]
) -> Record | None:
    """Return the claim `act`: the new actor, around those of the subject's token."""
    before = subject.get("act")
    if request.get("ActorToken") is None:
        return before
    claims = _verified(request, context, pool, "ActorToken")
    client_id = claims.get("client_id") or claims.get("aud")
    actor: Record = {"sub": claims["sub"], "client_id": client_id}
    if before is not None:
        actor["act"] = before
    depth, level = 1, before
    while level:
        depth, level = depth + 1, level.get("act")
    if depth > MAXIMUM_ACTORS:
        raise InvalidParameter("The token has too many actors.")
    return actor


def _issue(
    context: Context,
    parts: _Parts,
    *,
    use: str,
    scopes: list[str],
    audience: str | None,
    actor: Record | None,
) -> Answer:
    subject = parts.subject
    kept = {
        name: subject[name] for name in ("auth_time", "acr", "amr") if subject.get(name) is not None
    }
    claims: dict[str, Any] = {**kept, **({"act": actor} if actor else {})}
    if audience and use == "access":
        claims["aud"] = audience
    token, expires = issuing.derive(
        context,
        parts.pool,
        parts.client,
        parts.user,
        use=use,
        scope=" ".join(scopes),
        origin_jti=str(subject.get("origin_jti", "")),
        claims=claims,
        # A derived token does not outlive the token that it comes from.
        latest=int(subject["exp"]),
    )
    return {
        "IssuedToken": token,
        "IssuedTokenType": "ACCESS_TOKEN" if use == "access" else "ID_TOKEN",
        "TokenType": "Bearer",
        "ExpiresIn": max(0, expires - int(context.clock())),
        "Scopes": scopes,
    }
