"""What the local Cognito keeps when the stack stops and starts again."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.ministack import MiniStack
from local_cognito.aws.tokens.client_secrets import secret_hash

pytestmark = pytest.mark.ministack

EMAIL, PASSWORD = "user@example.com", "Example-demo-1"


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def keys(ministack: MiniStack, pool_id: str) -> Any:
    address = f"{ministack.endpoint_url}/{pool_id}/.well-known/jwks.json"
    return requests.get(address, timeout=10).json()


def test_sign_ins_secrets_and_settings_survive_a_restart(tmp_path: Path) -> None:
    with MiniStack.started(state_dir=tmp_path) as ministack:
        cognito: Any = ministack.cognito()
        pool_id = cognito.create_user_pool(PoolName="p", UsernameAttributes=["email"])["UserPool"][
            "Id"
        ]
        client = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="c",
            GenerateSecret=True,
            ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"],
            RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
        )["UserPoolClient"]
        named = {"UserPoolId": pool_id, "ClientId": client["ClientId"]}
        second = cognito.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]
        cognito.set_user_pool_session_configuration(
            UserPoolId=pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 5}
        )
        cognito.admin_create_user(UserPoolId=pool_id, Username=EMAIL, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=EMAIL, Password=PASSWORD, Permanent=True
        )
        sign_in = sign_in_at(cognito, client, EMAIL)
        old = sign_in["RefreshToken"]
        rotated = refresh(cognito, client, client["ClientSecret"], old)
        published = keys(ministack, pool_id)
    with MiniStack.started(state_dir=tmp_path) as ministack:
        cognito = ministack.cognito()
        assert keys(ministack, pool_id) == published
        assert cognito.get_user_pool_session_configuration(UserPoolId=pool_id)["TokenSession"] == {
            "MaxPerUser": 5
        }
        renewed = refresh(cognito, client, second["ClientSecretValue"], rotated["RefreshToken"])
        before, after = claims_of(sign_in["AccessToken"]), claims_of(renewed["AccessToken"])
        for name in ("acr", "amr", "auth_time", "origin_jti"):
            assert after[name] == before[name]
        [session] = cognito.list_user_sessions(AccessToken=renewed["AccessToken"])["Sessions"]
        assert session["IsCurrentSession"]
        with pytest.raises(cognito.exceptions.RefreshTokenReuseException):
            refresh(cognito, client, client["ClientSecret"], old)
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            cognito.get_user(AccessToken=renewed["AccessToken"])


def sign_in_at(cognito: Any, client: Any, email: str) -> Any:
    hashed = secret_hash(client["ClientSecret"], email, client["ClientId"])
    return cognito.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="USER_AUTH",
        AuthParameters={
            "USERNAME": email,
            "PASSWORD": PASSWORD,
            "PREFERRED_CHALLENGE": "PASSWORD",
            "SECRET_HASH": hashed,
            "TARGET_ACR_VALUES": "urn:cognito:loa:1",
        },
    )["AuthenticationResult"]


def refresh(cognito: Any, client: Any, secret: str, token: str) -> Any:
    return cognito.get_tokens_from_refresh_token(
        ClientId=client["ClientId"], ClientSecret=secret, RefreshToken=token
    )["AuthenticationResult"]
