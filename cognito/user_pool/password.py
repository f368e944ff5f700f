"""Reset a forgotten password through the user pool API.

Each function makes one call. It raises a leaf of RequestRefused, or CognitoUnavailable.
"""

from __future__ import annotations

from cognito.errors import MalformedAnswer
from cognito.user_pool.pool_client import PoolClient


def forgot_password(client: PoolClient, *, username: str) -> None:
    """Have Cognito send the user a code for setting a new password.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html
    """
    answer = client.service.call(lambda api: api.forgot_password(**client.identified(username)))
    if not isinstance(answer.get("CodeDeliveryDetails"), dict):
        raise MalformedAnswer


def reset_password(client: PoolClient, *, username: str, code: str, new_password: str) -> None:
    """Set a new password with the code that the user received.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmForgotPassword.html
    """
    client.service.call(
        lambda api: api.confirm_forgot_password(
            **client.identified(username), ConfirmationCode=code, Password=new_password
        )
    )
