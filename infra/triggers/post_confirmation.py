"""Sign a user out everywhere after the reset of a forgotten password.

Cognito itself does not, so an attacker who knew the old password would stay signed in. The
application's API does it as well; this trigger covers the hosted UI and other client libraries.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
"""

from __future__ import annotations

import logging
from typing import Any

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

    # Cognito waits for five seconds, and then calls the function again.
    limits = Config(connect_timeout=1, read_timeout=1.5, retries={"total_max_attempts": 1})
    try:
        boto3.client("cognito-idp", config=limits).admin_user_global_sign_out(
            UserPoolId=user_pool_id, Username=username
        )
    except (BotoCoreError, ClientError) as error:
        # Not raised: the hosted UI would report a failed reset although the new password is valid.
        logger.error(  # noqa: TRY400 # the text of the error may quote parameters
            "A password was reset, but the user %s was not signed out everywhere: %s",
            username,
            type(error).__name__,
        )
