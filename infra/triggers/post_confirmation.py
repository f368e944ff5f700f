"""Ends every earlier sign-in of a user who has reset a forgotten password.

Cognito itself ends none, so an attacker who knew the old password would stay signed in. The
application's API ends them as well; this is for the hosted UI and for other client libraries.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
"""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    del context
    if event["triggerSource"] == "PostConfirmation_ConfirmForgotPassword":
        _end_sign_ins(event["userPoolId"], event["userName"])
    return event


def _end_sign_ins(user_pool_id: str, username: str) -> None:
    # Late, because a confirmed sign-up calls this function too, and does not need it.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    # Cognito waits for five seconds, and calls the function again if it does not answer.
    limits = Config(connect_timeout=1, read_timeout=1.5, retries={"total_max_attempts": 1})
    try:
        boto3.client("cognito-idp", config=limits).admin_user_global_sign_out(
            UserPoolId=user_pool_id, Username=username
        )
    except (BotoCoreError, ClientError) as error:
        # Not raised: the user would be told that the reset failed, and the new password counts.
        logger.error(  # noqa: TRY400 # the text of the error may quote parameters
            "A password was reset, but earlier sign-ins of the user %s were not ended: %s",
            username,
            type(error).__name__,
        )
