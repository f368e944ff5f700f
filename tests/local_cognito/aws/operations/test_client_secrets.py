from __future__ import annotations

from typing import Any

import pytest
import requests

from local_cognito.aws.tokens.client_secrets import secret_hash
from tests.local_cognito.aws.operations.conftest import PASSWORD, TestPool

pytestmark = pytest.mark.ministack


@pytest.fixture
def client(pool: TestPool) -> dict[str, Any]:
    """A confidential app client, with its first secret."""
    created: dict[str, Any] = pool.cognito.create_user_pool_client(
        UserPoolId=pool.user_pool_id,
        ClientName="confidential",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH"],
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["things/read"],
        AllowedOAuthFlowsUserPoolClient=True,
    )["UserPoolClient"]
    return created


def names(client: dict[str, Any]) -> Any:
    return {"UserPoolId": client["UserPoolId"], "ClientId": client["ClientId"]}


def can_sign_in(pool: TestPool, client: dict[str, Any], secret: str) -> bool:
    """Sign in, refresh the tokens, and get tokens as a program, all with this secret."""
    email, client_id = pool.new_user(), client["ClientId"]
    outcomes = []
    for flow in ("USER_PASSWORD_AUTH", "USER_AUTH"):
        try:
            answer = pool.cognito.initiate_auth(
                ClientId=client_id,
                AuthFlow=flow,
                AuthParameters={
                    "USERNAME": email,
                    "PASSWORD": PASSWORD,
                    "PREFERRED_CHALLENGE": "PASSWORD",
                    "SECRET_HASH": secret_hash(secret, email, client_id),
                },
            )
            pool.cognito.get_tokens_from_refresh_token(
                ClientId=client_id,
                ClientSecret=secret,
                RefreshToken=answer["AuthenticationResult"]["RefreshToken"],
            )
            outcomes.append(True)
        except pool.cognito.exceptions.NotAuthorizedException:
            outcomes.append(False)
    token = requests.post(
        f"{pool.aws.endpoint_url}/oauth2/token",
        data={"grant_type": "client_credentials", "scope": "things/read"},
        auth=(client_id, secret),
        timeout=10,
    )
    outcomes.append(token.status_code == 200)
    assert len(set(outcomes)) == 1, outcomes
    return outcomes[0]


def test_two_secrets_are_valid_until_one_is_deleted(pool: TestPool, client: dict[str, Any]) -> None:
    cognito, first = pool.cognito, client["ClientSecret"]
    cognito.create_resource_server(
        UserPoolId=pool.user_pool_id,
        Identifier="things",
        Name="things",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read"}],
    )
    added: Any = cognito.add_user_pool_client_secret(**names(client))["ClientSecretDescriptor"]
    second = added["ClientSecretValue"]
    listed: Any = cognito.list_user_pool_client_secrets(**names(client))["ClientSecrets"]
    assert len(listed) == 2
    assert all("ClientSecretValue" not in one for one in listed)
    assert can_sign_in(pool, client, first)
    assert can_sign_in(pool, client, second)
    assert not can_sign_in(pool, client, "another")
    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.add_user_pool_client_secret(**names(client))
    old = next(one for one in listed if one["ClientSecretId"] != added["ClientSecretId"])
    cognito.delete_user_pool_client_secret(**names(client), ClientSecretId=old["ClientSecretId"])
    assert not can_sign_in(pool, client, first)
    assert can_sign_in(pool, client, second)
    described = cognito.describe_user_pool_client(**names(client))["UserPoolClient"]
    assert described["ClientSecret"] == second
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.delete_user_pool_client_secret(
            **names(client), ClientSecretId=added["ClientSecretId"]
        )


def test_chosen_secret_is_not_repeated(pool: TestPool, client: dict[str, Any]) -> None:
    chosen = "a" * 40
    added = pool.cognito.add_user_pool_client_secret(**names(client), ClientSecret=chosen)
    assert "ClientSecretValue" not in added["ClientSecretDescriptor"]
    with pytest.raises(pool.cognito.exceptions.ResourceNotFoundException):
        pool.cognito.delete_user_pool_client_secret(**names(client), ClientSecretId="unknown")


def test_public_client_has_no_secrets(pool: TestPool) -> None:
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        pool.cognito.add_user_pool_client_secret(
            UserPoolId=pool.user_pool_id, ClientId=pool.client_id
        )
