"""The user pool's own API, through boto3.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cognito.errors import CognitoUnavailable

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

CONNECT_TIMEOUT_SECONDS = 1
# Sign-out has to be done within 3 s, whatever Cognito does.
READ_TIMEOUT_SECONDS = 1.5


def revoke_refresh_token(
    refresh_token: str, *, region: str, client_id: str, client_secret: str
) -> None:
    """Ends the refresh token and every token that came of it. One attempt, under 3 s.

    Revoking a token that is revoked already, or that never was one, succeeds (RFC 7009 2.2).
    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html

    Raises:
        CognitoUnavailable: it could not be done.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 # cold start

    client = _client(region)
    try:
        if client_secret:
            client.revoke_token(
                Token=refresh_token, ClientId=client_id, ClientSecret=client_secret
            )
        else:
            client.revoke_token(Token=refresh_token, ClientId=client_id)
    except (BotoCoreError, ClientError) as error:
        # The cause is dropped: botocore's texts can hold the parameters, which are secrets.
        raise CognitoUnavailable(f"RevokeToken failed: {type(error).__name__}") from None


@lru_cache(maxsize=4)
def _client(region: str) -> CognitoIdentityProviderClient:
    """A client for calls that need no AWS credentials. AWS_ENDPOINT_URL is boto3's own affair."""
    import boto3  # noqa: PLC0415 # 100 ms of cold start, for what few requests need
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        "cognito-idp",
        region_name=region,
        config=Config(
            signature_version=UNSIGNED,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": 1},
        ),
    )
