"""SignUp without a password, and sign-ups that continue as a sign-in.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html
"""

from __future__ import annotations

import secrets

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.service_errors import NotAuthorized, NotFound, ServiceError
from local_cognito.aws.sign_in import factors, progress
from local_cognito.aws.sign_in.progress import Progress
from local_cognito.aws.tokens import levels

# What a Session awaits: the confirmation of the sign-up, and then the first sign-in.
CONFIRMATION, FIRST_SIGN_IN = "sign-up", "first sign-in"


def allows_choice(request: Request, context: Context) -> bool:
    """Return whether the app client of an unchecked request may sign in with `USER_AUTH`."""
    client_id = request.get("ClientId")
    if not isinstance(client_id, str):
        return False
    try:
        _, client = context.pools.pool_of_client(client_id)
    except NotFound:
        return False
    return "ALLOW_USER_AUTH" in client.get("ExplicitAuthFlows", ())


def sign_up(request: Request, context: Context) -> Answer:
    """Create an unconfirmed user, who needs no password if the pool allows codes."""
    pool, client = context.pools.pool_of_client(request["ClientId"])
    password = request.get("Password")
    if not password and not factors.allows_codes(pool):
        raise ServiceError("InvalidPasswordException", "This user pool requires a password.")
    chosen = password or f"Aa1!{secrets.token_urlsafe(90)}"
    answer = context.pools.call("SignUp", {**request, "Password": chosen})
    user = context.pools.user(pool, answer["UserSub"])
    if not password:
        own(user)[factors.UNKNOWN_PASSWORD] = chosen
    if not answer["UserConfirmed"]:
        at = _progress(context, client, pool, user, request["Username"])
        answer["Session"] = progress.begin(context, at)
    return answer


def confirm_sign_up(request: Request, context: Context) -> Answer:
    """Confirm a user. Return a Session, with which the same code counts as the first factor.

    The Session of SignUp may be in the request. AWS Amplify does not send it.
    """
    pool, client = context.pools.pool_of_client(request["ClientId"])
    session = request.get("Session")
    if progress.is_ours(session):
        at = _attempt(context, request, awaited=CONFIRMATION)
        context.pools.call("ConfirmSignUp", request)
        progress.use_up(context, request["Session"])
    else:
        context.pools.call("ConfirmSignUp", request)
        user = context.pools.find_user(pool, request["Username"])
        if user is None:
            return {}
        at = _progress(context, client, pool, user, request["Username"])
    at.awaited, at.proven_at = FIRST_SIGN_IN, context.clock()
    # MiniStack sends codes by e-mail only.
    at.methods = (levels.EMAIL_CODE,)
    return {"Session": progress.begin(context, at)}


def continue_as_sign_in(request: Request, context: Context) -> Progress:
    """Return the sign-in of an InitiateAuth with the Session of ConfirmSignUp.

    Raises NotAuthorized.
    """
    at = _attempt(context, request, awaited=FIRST_SIGN_IN)
    progress.use_up(context, request["Session"])
    return at


def _progress(context: Context, client: Record, pool: Record, user: Record, typed: str) -> Progress:
    now = context.clock()
    return Progress(
        user_pool_id=pool["Id"],
        client_id=client["ClientId"],
        typed=typed,
        username=user["Username"],
        expires=now + client.get("AuthSessionValidity", 3) * 60,
        proven_at=now,
        awaited=CONFIRMATION,
    )


def _attempt(context: Context, request: Request, *, awaited: str) -> Progress:
    name = (request.get("AuthParameters") or {}).get("USERNAME") or request.get("Username")
    at = progress.attempt(context, request["Session"], client_id=request["ClientId"], name=name)
    if at.awaited != awaited:
        raise NotAuthorized("Invalid session for the user.")
    return at
