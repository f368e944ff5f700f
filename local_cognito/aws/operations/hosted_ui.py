"""Operations for the local hosted UI and for tests, which AWS does not have.

Their names begin with `Local`. Like operations of operators, they need AWS credentials.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import (
    InvalidParameter,
    MalformedRequest,
    NotAuthorized,
    ServiceError,
)
from local_cognito.aws.tokens import (
    client_secrets,
    hosted_sessions,
    issuing,
    levels,
    sessions,
    sign_ins,
)
from local_cognito.aws.tokens.sign_ins import SignIn

# https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
_CODE_SECONDS = 5 * 60
_MAXIMUM_CHARACTERS = 4096


def begin_session(request: Request, context: Context) -> Answer:
    """Begin a session with what an access token proves. The token is then worth nothing.

    Takes AccessToken, and optionally ClientId (the app client that the user came from), UserAgent,
    IpAddress, and AlsoProven, a value of `amr` that was proven after the token was issued. Returns
    SessionId, Username, AuthTime and Methods, the values of `amr` without `mfa`.
    """
    _, user = context.pools.signed_in(text(request, "AccessToken"))
    origin_jti = context.pools.unverified_claims(request["AccessToken"])["origin_jti"]
    stored = sign_ins.find(user, origin_jti)
    if stored is None:
        raise NotAuthorized("Access Token has been revoked")
    sign_in = SignIn.restored(stored)
    also_proven = text(request, "AlsoProven")
    if also_proven:
        sign_in = replace(sign_in, methods=(*sign_in.methods, also_proven))
    sign_ins.forget(user, origin_jti)
    context.pools.cognito._revoked_tokens.add(origin_jti)
    session_id = hosted_sessions.begin(
        user,
        sign_in,
        client_id=text(request, "ClientId"),
        now=context.clock(),
        device={
            "DeviceType": sessions.device_of(text(request, "UserAgent")),
            "IpAddress": text(request, "IpAddress"),
        },
    )
    return {
        "SessionId": session_id,
        "Username": user["Username"],
        "AuthTime": sign_in.auth_time,
        "Methods": list(sign_in.methods),
    }


def create_code(request: Request, context: Context) -> Answer:
    """Create an authorization code for the user of a session.

    Takes UserPoolId, Username, SessionId, ClientId and RedirectUri, and optionally Scope, Nonce,
    CodeChallenge (S256), Resource, and ShowsLevel: whether the app asked for a level or an age.
    Optionally also MaxAge, in seconds, and AcrValues: what the app demands of the session. Returns
    Code.

    Raises:
        NotAuthorized: the session has ended.
        ServiceError: LocalSessionTooOld or LocalLevelTooLow, and FeatureUnavailableInTierException
            for levels of a pool without them.
    """
    pool = context.pools.pool(text(request, "UserPoolId"))
    client = context.pools.client(pool, text(request, "ClientId"))
    redirect_uri = text(request, "RedirectUri")
    if redirect_uri not in client.get("CallbackURLs", ()):
        raise InvalidParameter("RedirectUri is not a callback URL of the app client.")
    user = context.pools.user(pool, text(request, "Username"))
    session, device = hosted_sessions.use(context, pool, client, user, text(request, "SessionId"))
    _demand(context, pool, session, request)
    cognito = context.pools.cognito
    cognito._cleanup_expired_codes()
    code: str = cognito._generate_auth_code()
    challenge = text(request, "CodeChallenge")
    entry: dict[str, Any] = {
        "client_id": client["ClientId"],
        "pool_id": pool["Id"],
        "redirect_uri": redirect_uri,
        "scope": text(request, "Scope"),
        "username": user["Username"],
        "nonce": text(request, "Nonce"),
        "code_challenge": challenge,
        "code_challenge_method": "S256" if challenge else "",
        # MiniStack compares it with its own clock, which LocalSetClock does not change.
        "expires_at": time.time() + _CODE_SECONDS,
    }
    issuing.remember_with_code(
        entry,
        SignIn(
            auth_time=session.auth_time,
            methods=session.methods,
            shows_level=request.get("ShowsLevel") is True,
            resource=text(request, "Resource"),
            hosted_session_id=session.hosted_session_id,
        ),
        device,
    )
    cognito._authorization_codes[code] = entry
    return {"Code": code}


def _demand(context: Context, pool: Record, session: SignIn, request: Request) -> None:
    """Check the age and the level of the session. Raises ServiceError."""
    max_age, acr_values = request.get("MaxAge"), text(request, "AcrValues")
    if isinstance(max_age, int) and context.clock() - session.auth_time > max_age:
        raise ServiceError("LocalSessionTooOld", "The sign-in is older than the app accepts.")
    if not acr_values:
        return
    if pool.get("UserPoolTier") == "LITE":
        raise ServiceError(
            "FeatureUnavailableInTierException", "Step-up authentication needs another tier."
        )
    wanted = levels.requested(pool, acr_values)
    if wanted and levels.level(session.methods) < min(wanted):
        raise ServiceError("LocalLevelTooLow", "The sign-in has a lower level than the app needs.")


def end_session(request: Request, context: Context) -> Answer:
    """End a session. Takes UserPoolId, Username and SessionId."""
    pool = context.pools.pool(text(request, "UserPoolId"))
    user = context.pools.find_user(pool, text(request, "Username"))
    if user is not None:
        hosted_sessions.end(user, text(request, "SessionId"))
    return {}


def check_client_secret(request: Request, context: Context) -> Answer:
    """Return Matches: whether Secret is one of the client's. Takes UserPoolId and ClientId."""
    pool = context.pools.pool(text(request, "UserPoolId"))
    client = context.pools.client(pool, text(request, "ClientId"))
    return {"Matches": client_secrets.matches(pool, client, text(request, "Secret"))}


def set_clock(request: Request, context: Context) -> Answer:
    """Let our operations see a later time, by Offset seconds. MiniStack keeps its own time."""
    offset = request.get("Offset")
    if not isinstance(offset, int):
        raise MalformedRequest("Offset must be a number of seconds.")
    context.clock.offset = offset
    return {}


def text(request: Request, name: str) -> str:
    """Return a member; empty if it is missing. The service model does not describe these."""
    value = request.get(name, "")
    if not isinstance(value, str) or len(value) > _MAXIMUM_CHARACTERS:
        raise MalformedRequest(f"{name} must be a text.")
    return value
