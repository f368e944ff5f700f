"""InitiateAuth and RespondToAuthChallenge of choice-based sign-in (`USER_AUTH`), and their
counterparts for servers.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""
# ruff: noqa: SLF001

from __future__ import annotations

import re
from collections.abc import Mapping

from local_cognito.aws import triggers
from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.operations import migration, sign_up
from local_cognito.aws.service_errors import (
    InvalidParameter,
    NotAuthorized,
    ServiceError,
    UserNotFound,
)
from local_cognito.aws.sign_in import flow, progress, second
from local_cognito.aws.sign_in.factors import FACTORS
from local_cognito.aws.sign_in.progress import Progress
from local_cognito.aws.tokens import levels, rotation, sign_ins
from local_cognito.usernames import normalised

_SECONDS = re.compile(r"[0-9]{1,9}")
# The first factors by the challenge that their responses name.
_FIRST = {factor.next_challenge or name: factor for name, factor in FACTORS.items()}


def begins(request: Request, context: Context) -> bool:
    """Return whether we answer an unchecked InitiateAuth."""
    return (
        request.get("AuthFlow") == "USER_AUTH"
        or rotation.refreshes_with_rotation(request, context)
        or triggers.brings_password(request, context)
    )


def continues(request: Request, context: Context) -> bool:
    """Return whether an unchecked request has a session of ours."""
    del context
    return progress.is_ours(request.get("Session"))


def initiate_auth(request: Request, context: Context) -> Answer:
    """InitiateAuth, and AdminInitiateAuth with its UserPoolId."""
    if rotation.refreshes_with_rotation(request, context):
        return rotation.refuse_flow(request, context)
    if request["AuthFlow"] != "USER_AUTH":
        action = "AdminInitiateAuth" if "UserPoolId" in request else "InitiateAuth"
        return migration.initiate_auth(action, request, context)
    pool, client = context.pools.pool_of_client(request["ClientId"])
    if request.get("UserPoolId", pool["Id"]) != pool["Id"]:
        raise InvalidParameter("The app client belongs to another user pool.")
    if "ALLOW_USER_AUTH" not in client.get("ExplicitAuthFlows", ()):
        raise InvalidParameter("USER_AUTH is not enabled for the client.")
    parameters: Mapping[str, str] = request.get("AuthParameters") or {}
    typed = parameters.get("USERNAME")
    if not typed:
        raise InvalidParameter("Missing required parameter USERNAME")
    user = context.pools.find_user(pool, typed) or context.pools.find_user(pool, normalised(typed))
    if user is None and not context.pools.hides_user_existence(client):
        raise UserNotFound
    flow.require_enabled(user)
    if progress.is_ours(request.get("Session")):
        return flow.continue_with(context, sign_up.continue_as_sign_in(request, context), {})
    now = context.clock()
    at = Progress(
        user_pool_id=pool["Id"],
        client_id=client["ClientId"],
        typed=typed,
        username=user["Username"] if user else None,
        expires=now + client.get("AuthSessionValidity", 3) * 60,
        proven_at=now,
        metadata=dict(request.get("ClientMetadata") or {}),
    )
    _aim(context, pool, user, at, parameters)
    return flow.continue_with(context, at, parameters)


def respond(request: Request, context: Context) -> Answer:
    """RespondToAuthChallenge, and AdminRespondToAuthChallenge."""
    session = request["Session"]
    responses: Mapping[str, str] = request.get("ChallengeResponses") or {}
    at = progress.attempt(
        context, session, client_id=request["ClientId"], name=responses.get("USERNAME")
    )
    name = request["ChallengeName"]
    if name != at.awaited:
        raise InvalidParameter(f"The session awaits the challenge {at.awaited}.")
    if not responses.get("USERNAME"):
        raise InvalidParameter("Missing required parameter USERNAME")
    flow.require_enabled(at.user(context))
    if name in {flow.SELECT, flow.SELECT_SECOND}:
        return _choose(context, session, at, responses)
    if name == flow.NEW_PASSWORD:
        flow.set_new_password(context, at, responses)
        proven: tuple[str, ...] = ()
    elif name == flow.SET_UP:
        if not at.state.get("verified"):
            raise InvalidParameter("Set up an authenticator app with this session first.")
        proven = (levels.TOTP,)
    elif at.methods and name in second.METHODS:
        proven = second.check(context, at, responses)
    else:
        proven = _FIRST[name].check(context, at, responses)
    progress.use_up(context, session)
    return flow.prove(context, at, proven)


def associate_software_token(request: Request, context: Context) -> Answer:
    """Begin to set up an authenticator app, for the challenge MFA_SETUP."""
    at = _setting_up(context, request["Session"])
    progress.use_up(context, request["Session"])
    # 160 bits, as MiniStack's.
    at.state = {"secret": context.pools.new_totp_secret()}
    return {"SecretCode": at.state["secret"], "Session": progress.begin(context, at)}


def verify_software_token(request: Request, context: Context) -> Answer:
    """Complete the set-up with a code of the app."""
    at = _setting_up(context, request["Session"])
    user, secret = at.user(context), at.state.get("secret")
    matches = context.pools.cognito._totp_matches(secret, request["UserCode"])
    if not user or not secret or not matches:
        raise ServiceError("EnableSoftwareTokenMFAException", "Code mismatch")
    progress.use_up(context, request["Session"])
    user["_totp_secret"] = secret
    user["_mfa_enabled"] = list(dict.fromkeys([*user.get("_mfa_enabled", ()), second.TOTP]))
    user["_preferred_mfa"] = second.TOTP
    at.state = {"verified": True}
    return {"Status": "SUCCESS", "Session": progress.begin(context, at)}


def _setting_up(context: Context, session: str) -> Progress:
    found = context.progress.get(session.removeprefix(progress.PREFIX))
    client_id = found.client_id if found else ""
    at = progress.attempt(context, session, client_id=client_id, name=None)
    if at.awaited != flow.SET_UP:
        raise NotAuthorized("This session does not set up a second factor.")
    return at


def _choose(context: Context, session: str, at: Progress, responses: Mapping[str, str]) -> Answer:
    answer = responses.get("ANSWER", "")
    if answer not in at.state["choices"]:
        raise InvalidParameter("ANSWER must be one of the available challenges.")
    # A correct password or passkey in the same response leads on. An incorrect one leaves the
    # session as it is.
    result = flow.begin(context, at, answer, responses)
    progress.use_up(context, session)
    return result


def _aim(
    context: Context,
    pool: Record,
    user: Record | None,
    at: Progress,
    parameters: Mapping[str, str],
) -> None:
    """Read TARGET_ACR_VALUES, MAX_AGE and ACCESS_TOKEN. Raises ServiceError."""
    wanted, max_age = parameters.get("TARGET_ACR_VALUES"), parameters.get("MAX_AGE")
    token = parameters.get("ACCESS_TOKEN")
    if wanted is None and token is not None:
        raise InvalidParameter("ACCESS_TOKEN requires TARGET_ACR_VALUES.")
    if max_age is not None and not _SECONDS.fullmatch(max_age):
        raise InvalidParameter("MAX_AGE must be a number of seconds.")
    at.shows_level = wanted is not None or max_age is not None
    if wanted is None:
        return
    if pool.get("UserPoolTier") == "LITE":
        raise ServiceError(
            "FeatureUnavailableInTierException", "Step-up authentication needs another tier."
        )
    if token is not None:
        stored = _sign_in_of(context, pool, user, token)
        if max_age is None or context.clock() - stored["auth_time"] <= int(max_age):
            at.methods, at.proven_at = tuple(stored["methods"]), stored["auth_time"]
    targets = levels.requested(pool, wanted)
    if not targets:
        raise InvalidParameter("TARGET_ACR_VALUES has no level of this user pool.")
    reachable = [level for level in targets if flow.can_reach(pool, user, level, at.methods)]
    if not reachable:
        raise InvalidParameter("The user has no factors for a requested level.")
    at.target = reachable[0]
    if at.methods and levels.level(at.methods) >= at.target:
        raise InvalidParameter("The access token already has a requested level.")


def _sign_in_of(context: Context, pool: Record, user: Record | None, token: str) -> Record:
    """Return what an access token of the user proves. Raises ServiceError."""
    context.pools.require_access_token(token)
    token_pool, owner = context.pools.signed_in(token)
    if owner is not user or token_pool is not pool:
        raise NotAuthorized("ACCESS_TOKEN is not one of this user.")
    claims = context.pools.unverified_claims(token)
    stored = sign_ins.find(owner, str(claims.get("origin_jti")))
    if stored is None:
        raise NotAuthorized("Access Token has been revoked")
    return stored
