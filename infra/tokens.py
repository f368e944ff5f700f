"""Get an access token for the command line: that of a user, or that of the machine client.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from infra.errors import SignInProblem
from infra.usernames import normalised

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# The name of the app client for programs, in infra/cognito.yaml.
MACHINE_CLIENT = "machine"
NO_ANSWER = "Cognito does not answer. For the local stack, `make run` must be running."
_TIMEOUT_SECONDS = 10
_MAXIMUM_BYTES = 100_000


def access_token(
    cognito: CognitoIdentityProviderClient,
    *,
    client_id: str,
    client_secret: str,
    email: str,
    password: str,
) -> str:
    """Sign in by USER_PASSWORD_AUTH. `client_secret` is empty for a public client.

    Raises SignInProblem when Cognito issues no token. Its message does not contain the password.
    """
    # Cognito ignores the case of an address, but SECRET_HASH is a digest of the text that is sent.
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
        raise SignInProblem(NO_ANSWER) from error
    except BotoCoreError as error:
        raise SignInProblem(f"Cognito did not answer as expected: {error}") from error
    token = answer.get("AuthenticationResult", {}).get("AccessToken")
    if not token:
        challenge = answer.get("ChallengeName", "something else")
        raise SignInProblem(f"{email} has to pass {challenge} first: sign in with a browser.")
    return token


def machine_token(cognito: CognitoIdentityProviderClient, *, user_pool_id: str, domain: str) -> str:
    """Return a token of the machine client, with all scopes that it may have.

    Raises SignInProblem when the pool has no machine client, or `domain` issues no token.
    """
    pages = cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=user_pool_id)
    clients = [client for page in pages for client in page["UserPoolClients"]]
    ids = [client["ClientId"] for client in clients if client["ClientName"] == MACHINE_CLIENT]
    if not ids:
        raise SignInProblem(f"{user_pool_id} has no app client with the name {MACHINE_CLIENT}.")
    client = cognito.describe_user_pool_client(UserPoolId=user_pool_id, ClientId=ids[0])
    secret = client["UserPoolClient"].get("ClientSecret", "")
    # RFC 6749, section 2.3.1
    credentials = base64.b64encode(f"{ids[0]}:{quote(secret, safe='')}".encode()).decode()
    request = Request(  # noqa: S310 - the deployer's own setting
        f"{domain}/oauth2/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {credentials}"},
    )
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            token: str = json.loads(answer.read(_MAXIMUM_BYTES))["access_token"]
    except HTTPError as error:
        raise SignInProblem(f"{domain} issued no token: it answered {error.code}.") from error
    except (OSError, HTTPException) as error:
        raise SignInProblem(NO_ANSWER) from error
    except (KeyError, TypeError, ValueError) as error:
        raise SignInProblem(f"{domain} issued no token: its answer is malformed.") from error
    return token


def _secret_hash(username: str, client_id: str, client_secret: str) -> str:
    """Return the SECRET_HASH of a request.

    https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
    """
    digest = hmac.digest(client_secret.encode(), (username + client_id).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()
