"""Sign-ins and forgotten passwords of users that the UserMigration trigger knows."""

from __future__ import annotations

from local_cognito.aws import triggers
from local_cognito.aws.context import Answer, Context, Request


def initiate_auth(action: str, request: Request, context: Context) -> Answer:
    """Bring an unknown user along, if the trigger knows one, and let MiniStack sign the user in."""
    pool, client = context.pools.pool_of_client(request["ClientId"])
    parameters = request["AuthParameters"]
    triggers.migrate(
        context,
        pool,
        client,
        parameters["USERNAME"],
        password=parameters.get("PASSWORD", ""),
        metadata=request.get("ClientMetadata") or {},
    )
    return context.pools.call(action, request)


def forgot_password(request: Request, context: Context) -> Answer:
    pool, client = context.pools.pool_of_client(request["ClientId"])
    triggers.migrate(
        context,
        pool,
        client,
        request["Username"],
        password=None,
        metadata=request.get("ClientMetadata") or {},
    )
    return context.pools.call("ForgotPassword", request)
