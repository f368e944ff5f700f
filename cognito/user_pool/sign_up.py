"""Sign users up, and confirm their addresses, through the user pool API.

Each function makes one call. It raises a leaf of RequestRefused, or CognitoUnavailable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cognito.errors import MalformedAnswer
from cognito.user_pool.pool_client import PoolClient


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that was just created.

    Attributes:
        is_confirmed: whether the user can sign in at once, because a trigger of the pool confirms
            new accounts.
    """

    sub: str
    is_confirmed: bool


def sign_up(
    client: PoolClient,
    *,
    username: str,
    password: str,
    attributes: Mapping[str, str],
    settable: Collection[str],
) -> NewAccount:
    """Create an account.

    Args:
        settable: the attributes that the caller could have sent.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
    """
    answer = client.service.call(
        lambda api: api.sign_up(
            **client.identified(username),
            Password=password,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        ),
        settable=settable,
    )
    is_confirmed, sub = answer.get("UserConfirmed"), answer.get("UserSub")
    if not isinstance(is_confirmed, bool) or not isinstance(sub, str) or not sub:
        raise MalformedAnswer
    return NewAccount(sub, is_confirmed)


def confirm(client: PoolClient, *, username: str, code: str) -> None:
    """Confirm an account by its code. The address of another account is not taken from it.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html
    """
    client.service.call(
        lambda api: api.confirm_sign_up(
            **client.identified(username), ConfirmationCode=code, ForceAliasCreation=False
        )
    )


def resend_code(client: PoolClient, *, username: str) -> None:
    """Have Cognito send a new code.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ResendConfirmationCode.html
    """
    answer = client.service.call(
        lambda api: api.resend_confirmation_code(**client.identified(username))
    )
    if not isinstance(answer.get("CodeDeliveryDetails"), dict):
        raise MalformedAnswer
