"""Refresh tokens: rotation, which MiniStack lacks, and what MiniStack does not check.

An app client with rotation gets a new refresh token with each refresh. Only the latest may be used,
and for a grace period the one before it, because its answer may have been lost. If an older one is
used, it has been stolen, so the sign-in ends (RFC 9700, section 4.14.2). All refresh tokens of a
sign-in expire with the first.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import InvalidParameter, NotAuthorized, ServiceError
from local_cognito.aws.tokens import client_secrets, issuing, sign_ins
from local_cognito.aws.tokens.sign_ins import SignIn

# Tokens that a client may still retry. Older ones count as stolen.
MAXIMUM_REPLACED = 20


def is_on(client: Record) -> bool:
    return bool((client.get("RefreshTokenRotation") or {}).get("Feature") == "ENABLED")


def refreshes_with_rotation(request: Request, context: Context) -> bool:
    """Return whether an unchecked InitiateAuth is a refresh for a client with rotation."""
    if request.get("AuthFlow") not in {"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"}:
        return False
    client_id = request.get("ClientId")
    if not isinstance(client_id, str):
        return False
    pool, _ = context.pools.cognito._pool_for_client(client_id)
    return pool is not None and is_on(pool["_clients"][client_id])


def refuse_flow(request: Request, context: Context) -> Answer:
    """Refuse REFRESH_TOKEN_AUTH, which AWS does not allow together with rotation."""
    del request, context
    raise InvalidParameter("REFRESH_TOKEN_AUTH is not enabled for the client.")


def get_tokens(request: Request, context: Context) -> Answer:
    """GetTokensFromRefreshToken, with a new refresh token if the client rotates them."""
    pool, client = context.pools.pool_of_client(request["ClientId"])
    client_secrets.require(pool, client, str(request.get("ClientSecret", "")))
    token = request["RefreshToken"]
    user = context.pools.refreshing_user(pool, client, token)
    claims = context.pools.unverified_claims(token)
    # MiniStack has just checked the signature, and does not limit the lifetime.
    if claims["exp"] <= context.clock():
        raise NotAuthorized("Refresh Token has expired")
    replacement = _replacement(context, pool, client, user, claims) if is_on(client) else None
    with issuing.proven(SignIn(auth_time=claims["iat"])):
        answer = context.pools.call("GetTokensFromRefreshToken", request)
    if replacement:
        answer["AuthenticationResult"]["RefreshToken"] = replacement
    return answer


def _replacement(
    context: Context, pool: Record, client: Record, user: Record, claims: Mapping[str, Any]
) -> str:
    """Return the next refresh token. Raises ServiceError for one that was replaced too long ago."""
    origin_jti, used_jti, now = claims["origin_jti"], claims["jti"], context.clock()
    grace_seconds = client["RefreshTokenRotation"].get("RetryGracePeriodSeconds", 0)
    with context.lock:
        stored = sign_ins.find(user, origin_jti)
        if stored is None:
            raise NotAuthorized("Refresh Token has been revoked")
        # The identifier of each replaced token, and when it was replaced.
        replaced: dict[str, float] = stored.setdefault("replaced", {})
        latest = stored.setdefault("latest_refresh", used_jti)
        if used_jti != latest:
            replaced_at = replaced.get(used_jti)
            if replaced_at is None or now - replaced_at > grace_seconds:
                context.pools.cognito._revoked_tokens.add(origin_jti)
                sign_ins.forget(user, origin_jti)
                raise ServiceError(
                    "RefreshTokenReuseException", "The refresh token has been used already."
                )
            # A retry gets the same token again.
            next_jti = latest
        else:
            replaced[used_jti] = now
            while len(replaced) > MAXIMUM_REPLACED:
                del replaced[next(iter(replaced))]
            next_jti = stored["latest_refresh"] = str(uuid4())
    renewed = {**claims, "jti": next_jti}
    signed: str = context.pools.cognito._signed_jwt(renewed, pool["Id"], "access")
    return signed
