"""Sign-ins and forgotten passwords of users who come from elsewhere.

The UserMigration trigger knows them, or an import job has brought the hash of their password.
"""

from __future__ import annotations

from local_cognito.aws import triggers
from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.user_import import rows


def initiate_auth(action: str, request: Request, context: Context) -> Answer:
    """Bring the user or the password along, and let MiniStack sign the user in."""
    pool, client = context.pools.pool_of_client(request["ClientId"])
    parameters = request["AuthParameters"]
    username, password = parameters["USERNAME"], parameters.get("PASSWORD", "")
    user = context.pools.find_user(pool, username)
    if user is not None:
        rows.adopt_password(user, password)
    else:
        triggers.migrate(
            context,
            pool,
            client,
            username,
            password=password,
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
