"""An access token for the command line, in exchange for an e-mail address and a password.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from infra.errors import SignInProblem
from infra.usernames import normalised

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


def access_token(
    cognito: CognitoIdentityProviderClient,
    *,
    client_id: str,
    client_secret: str,
    email: str,
    password: str,
) -> str:
    """Sign in by USER_PASSWORD_AUTH. `client_secret` is empty for a public client.

    Raises SignInProblem when there is no token to be had this way. Its message has no password.
    """
    # Addresses are the same in any case, but SECRET_HASH is computed over what is sent.
    username = normalised(email)
    parameters = {"USERNAME": username, "PASSWORD": password}
    if client_secret:
        parameters["SECRET_HASH"] = _secret_hash(username, client_id, client_secret)
    try:
        answer = cognito.initiate_auth(
            ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
    except ClientError as error:
        detail = error.response["Error"]
        raise SignInProblem(
            f"{email} could not sign in: {detail.get('Message') or detail['Code']}"
        ) from error
    except EndpointConnectionError as error:
        raise SignInProblem(
            "Cognito does not answer. For the local stack, `make run` must be running."
        ) from error
    except BotoCoreError as error:
        raise SignInProblem(f"Cognito did not answer as expected: {error}") from error
    token = answer.get("AuthenticationResult", {}).get("AccessToken")
    if not token:
        challenge = answer.get("ChallengeName", "something else")
        raise SignInProblem(f"{email} has to pass {challenge} first: sign in with a browser.")
    return token


def _secret_hash(username: str, client_id: str, client_secret: str) -> str:
    """SECRET_HASH.

    https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
    """
    digest = hmac.digest(client_secret.encode(), (username + client_id).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()
