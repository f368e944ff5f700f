from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config

from infra.local.ministack import REGION
from tests.local_cognito.aws.operations.conftest import TestPool

pytestmark = pytest.mark.ministack

API = "https://api.example.com"


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


@pytest.fixture(scope="module")
def service(pool: TestPool) -> dict[str, Any]:
    """An app client that may exchange tokens in both ways."""
    pool.cognito.create_resource_server(
        UserPoolId=pool.user_pool_id,
        Identifier="orders",
        Name="orders",
        Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")],
    )
    created: dict[str, Any] = pool.cognito.create_user_pool_client(
        UserPoolId=pool.user_pool_id,
        ClientName="service",
        GenerateSecret=True,
        ExplicitAuthFlows=[
            "ALLOW_TOKEN_EXCHANGE_IMPERSONATION",
            "ALLOW_TOKEN_EXCHANGE_DELEGATION",
            "ALLOW_USER_PASSWORD_AUTH",
        ],
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["orders/read", "aws.cognito.signin.user.admin"],
        AllowedOAuthFlowsUserPoolClient=True,
    )["UserPoolClient"]
    return created


def exchange(pool: TestPool, service: dict[str, Any], token: str, **more: Any) -> Any:
    request = {
        "ClientId": service["ClientId"],
        "SubjectToken": token,
        "SubjectTokenType": "ACCESS_TOKEN",
        **more,
    }
    return pool.cognito.get_derived_token(**request)


def machine_token(pool: TestPool, service: dict[str, Any]) -> str:
    answer = requests.post(
        f"{pool.aws.endpoint_url}/oauth2/token",
        data={"grant_type": "client_credentials", "scope": "orders/read"},
        auth=(service["ClientId"], service["ClientSecret"]),
        timeout=10,
    )
    token: str = answer.json()["access_token"]
    return token


def test_token_for_a_service_keeps_the_user_and_narrows_the_rest(
    pool: TestPool, service: dict[str, Any]
) -> None:
    email = pool.new_user()
    subject = pool.signs_in(email)["AccessToken"]
    answer = exchange(pool, service, subject, Audiences=[API])
    assert (answer["IssuedTokenType"], answer["TokenType"]) == ("ACCESS_TOKEN", "Bearer")
    assert answer["Scopes"] == ["aws.cognito.signin.user.admin"]
    before, claims = claims_of(subject), claims_of(answer["IssuedToken"])
    for name in ("sub", "username", "iss", "origin_jti", "auth_time"):
        assert claims[name] == before[name]
    assert claims["aud"] == API
    assert claims["client_id"] == service["ClientId"]
    assert claims["scope"] == "aws.cognito.signin.user.admin"
    assert claims["exp"] <= before["exp"]
    assert "act" not in claims
    assert pool.cognito.get_user(AccessToken=answer["IssuedToken"])["Username"]


def test_actor_is_named_and_chained(pool: TestPool, service: dict[str, Any]) -> None:
    subject = pool.signs_in(pool.new_user())["AccessToken"]
    actor = {"ActorToken": machine_token(pool, service), "ActorTokenType": "ACCESS_TOKEN"}
    first = exchange(pool, service, subject, **actor, Resources=["orders"])["IssuedToken"]
    who = {"sub": service["ClientId"], "client_id": service["ClientId"]}
    assert claims_of(first)["act"] == who
    assert claims_of(first)["aud"] == "orders"
    second = exchange(pool, service, first, **actor)["IssuedToken"]
    assert claims_of(second)["act"] == {**who, "act": who}
    third = exchange(pool, service, first)["IssuedToken"]
    assert claims_of(third)["act"] == who, "an exchange without an actor hides none"


def test_derived_token_is_revoked_with_the_sign_in(pool: TestPool, service: dict[str, Any]) -> None:
    tokens = pool.signs_in(pool.new_user())
    derived = exchange(pool, service, tokens["AccessToken"])["IssuedToken"]
    pool.cognito.revoke_token(ClientId=pool.client_id, Token=tokens["RefreshToken"])
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.cognito.get_user(AccessToken=derived)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        exchange(pool, service, tokens["AccessToken"])


def test_id_token_can_be_exchanged(pool: TestPool, service: dict[str, Any]) -> None:
    email = pool.new_user()
    answer = exchange(
        pool,
        service,
        pool.signs_in(email)["IdToken"],
        SubjectTokenType="ID_TOKEN",
        RequestedTokenType="ID_TOKEN",
    )
    claims = claims_of(answer["IssuedToken"])
    assert (claims["email"], claims["aud"]) == (email, service["ClientId"])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"SubjectTokenType": "ID_TOKEN"}, "NotAuthorizedException"),
        ({"SubjectTokenType": "SAML2"}, "InvalidParameterException"),
        ({"SubjectTokenProviderName": "Google"}, "InvalidParameterException"),
        ({"Audiences": [API], "Resources": ["orders"]}, "InvalidParameterException"),
        ({"Resources": ["unknown"]}, "ResourceNotFoundException"),
        ({"Scopes": ["orders/write"]}, "InvalidParameterException"),
        ({"ActorToken": "a.b.c", "ActorTokenType": "ACCESS_TOKEN"}, "NotAuthorizedException"),
        ({"ActorToken": "a.b.c"}, "InvalidParameterException"),
    ],
)
def test_request_that_asks_for_too_much_is_refused(
    pool: TestPool, service: dict[str, Any], more: dict[str, Any], error: str
) -> None:
    token = pool.signs_in(pool.new_user())["AccessToken"]
    with pytest.raises(pool.cognito.exceptions.ClientError) as refused:
        exchange(pool, service, token, **more)
    assert refused.value.response["Error"]["Code"] == error


def test_client_needs_the_flow(pool: TestPool) -> None:
    token = pool.signs_in(pool.new_user())["AccessToken"]
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        exchange(pool, {"ClientId": pool.client_id}, token)


def test_request_without_aws_credentials_needs_the_secret(
    pool: TestPool, service: dict[str, Any]
) -> None:
    token = pool.signs_in(pool.new_user())["AccessToken"]
    anonymous: Any = boto3.client(
        "cognito-idp",
        endpoint_url=pool.aws.endpoint_url,
        region_name=REGION,
        config=Config(signature_version=UNSIGNED, proxies={}),
    )
    request = {
        "ClientId": service["ClientId"],
        "SubjectToken": token,
        "SubjectTokenType": "ACCESS_TOKEN",
    }
    secret = service["ClientSecret"]
    assert anonymous.get_derived_token(**request, ClientSecret=secret)["IssuedToken"]
    for wrong in ({}, {"ClientSecret": "x" * 30}):
        with pytest.raises(anonymous.exceptions.NotAuthorizedException):
            anonymous.get_derived_token(**request, **wrong)
