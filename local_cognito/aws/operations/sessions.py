"""Sessions of users.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolSessionConfiguration.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeUserSession.html
"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.service_errors import InvalidParameter, ServiceError
from local_cognito.aws.tokens import hosted_sessions, sessions, sign_ins


def set_pool_configuration(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    _require_tier(pool)
    own(pool)["session_configuration"] = {
        "UserSessionTracking": request["UserSessionTracking"],
        "TokenSession": {"MaxPerUser": request["TokenSession"]["MaxPerUser"]},
    }
    return sessions.configuration(pool)


def get_pool_configuration(request: Request, context: Context) -> Answer:
    return sessions.configuration(context.pools.pool(request["UserPoolId"]))


def set_client_configuration(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    client = context.pools.client(pool, request["ClientId"])
    _require_tier(pool)
    _require_tracking(pool)
    minutes = request["SSOSession"]["MaxValidityMinutes"]
    hosted_sessions.set_maximum_minutes(pool, client, minutes)
    return _client_configuration(pool, client)


def get_client_configuration(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    return _client_configuration(pool, context.pools.client(pool, request["ClientId"]))


def list_user_sessions(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    _require_tracking(pool)
    current = context.pools.unverified_claims(request["AccessToken"])["origin_jti"]
    return {"Sessions": sessions.described(context, pool, user, current=current)}


def admin_list_user_sessions(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    user = context.pools.user(pool, request["Username"])
    _require_tracking(pool)
    return {"Sessions": sessions.described(context, pool, user)}


def revoke_user_session(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    _require_tracking(pool)
    current = context.pools.unverified_claims(request["AccessToken"])["origin_jti"]
    own_session = sign_ins.find(user, current)
    if own_session and own_session["session_id"] == request["SessionId"]:
        raise InvalidParameter("A session cannot revoke itself. Use RevokeToken.")
    _revoke(request, context, pool, user)
    return {}


def admin_revoke_user_session(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    user = context.pools.user(pool, request["Username"])
    _require_tracking(pool)
    _revoke(request, context, pool, user)
    return {}


def _revoke(request: Request, context: Context, pool: Record, user: Record) -> None:
    linked = request.get("RevokeAssociatedSessions") == "LINKED"
    sessions.revoke(context, pool, user, request["SessionId"], linked=linked)


def _client_configuration(pool: Record, client: Record) -> Answer:
    return {
        "UserPoolId": pool["Id"],
        "ClientId": client["ClientId"],
        "SSOSession": {"MaxValidityMinutes": hosted_sessions.maximum_minutes(pool, client)},
    }


def _require_tier(pool: Record) -> None:
    if pool.get("UserPoolTier") == "LITE":
        raise ServiceError(
            "FeatureUnavailableInTierException", "Session tracking needs another tier."
        )


def _require_tracking(pool: Record) -> None:
    if not sessions.are_tracked(pool):
        raise ServiceError(
            "OperationNotEnabledException", "Session tracking is not enabled for this user pool."
        )
