"""Sign a user out everywhere after the reset of a forgotten password.

Cognito itself does not, so an attacker who knew the old password would stay signed in. The
application's API does it as well; this trigger covers the hosted UI and other client libraries.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
"""

from __future__ import annotations

import logging
import time
from typing import Any

# Cognito waits for five seconds, and then calls the function again.
HOSTED_SECONDS = 1.0

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    del context
    if event["triggerSource"] == "PostConfirmation_ConfirmForgotPassword":
        _sign_out_everywhere(event["userPoolId"], event["userName"])
    return event


def _sign_out_everywhere(user_pool_id: str, username: str) -> None:
    # Imported here, because a confirmed sign-up calls this function too and needs none of it.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    limits = Config(connect_timeout=1, read_timeout=1.5, retries={"total_max_attempts": 1})
    user = {"UserPoolId": user_pool_id, "Username": username}
    try:
        client: Any = boto3.client("cognito-idp", config=limits)
        client.admin_user_global_sign_out(**user)
        _end_hosted_sessions(client, user)
    except (BotoCoreError, ClientError) as error:
        # Not raised: the hosted UI would report a failed reset although the new password is valid.
        logger.error(  # noqa: TRY400 # the text of the error may quote parameters
            "A password was reset, but the user %s was not signed out everywhere: %s",
            username,
            type(error).__name__,
        )


def _end_hosted_sessions(client: Any, user: dict[str, str]) -> None:
    """End the sessions at the hosted UI, as far as there is time, where the pool tracks them."""
    if not hasattr(client, "admin_list_user_sessions"):
        # The Lambda runtime has an old boto3.
        return
    ends_at = time.monotonic() + HOSTED_SECONDS
    try:
        sessions = client.admin_list_user_sessions(**user)["Sessions"]
    except client.exceptions.OperationNotEnabledException:
        return
    for session in sessions:
        if session["SessionType"] == "SSO" and time.monotonic() < ends_at:
            client.admin_revoke_user_session(
                **user, SessionId=session["SessionId"], RevokeAssociatedSessions="LINKED"
            )
