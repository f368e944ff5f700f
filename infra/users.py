"""Create users of a pool as an operator, without sign-up.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.errors import InfraError
from infra.usernames import normalised

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef


def ensure_user(
    cognito: CognitoIdentityProviderClient,
    *,
    user_pool_id: str,
    email: str,
    password: str,
    groups: Iterable[str],
    name: str | None = None,
) -> bool:
    """Create a confirmed user with a verified address. Return whether this call created the user.

    An existing user is not changed, because password and groups may have been changed on purpose.
    If an earlier call was interrupted (FORCE_CHANGE_PASSWORD), this call completes it. Raises
    InfraError.
    """
    email = normalised(email)
    try:
        return _ensure(
            cognito, user_pool_id, email=email, password=password, groups=groups, name=name
        )
    except ClientError as error:
        detail = error.response["Error"]
        raise InfraError(
            f"{email} could not be created: {detail.get('Message') or detail['Code']}"
        ) from error
    except BotoCoreError as error:
        raise InfraError(f"{email} could not be created: {error}") from error


def _ensure(
    cognito: CognitoIdentityProviderClient,
    user_pool_id: str,
    *,
    email: str,
    password: str,
    groups: Iterable[str],
    name: str | None,
) -> bool:
    try:
        user = cognito.admin_get_user(UserPoolId=user_pool_id, Username=email)
    except cognito.exceptions.UserNotFoundException:
        attributes: list[AttributeTypeTypeDef] = [
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ]
        if name:
            attributes.append({"Name": "name", "Value": name})
        cognito.admin_create_user(
            UserPoolId=user_pool_id,
            Username=email,
            UserAttributes=attributes,
            # Cognito sends no invitation: the operator tells the user the password.
            MessageAction="SUPPRESS",
        )
    else:
        if user["UserStatus"] != "FORCE_CHANGE_PASSWORD":
            return False
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=user_pool_id, Username=email, GroupName=group)
    # This call is last, because it changes the status that shows whether the user is complete.
    cognito.admin_set_user_password(
        UserPoolId=user_pool_id, Username=email, Password=password, Permanent=True
    )
    return True
