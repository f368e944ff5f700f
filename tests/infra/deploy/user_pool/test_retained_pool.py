"""The user pool of a production stage, which `destroy` keeps and `deploy` uses again."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.aws.stacks import stack_outputs
from infra.deploy.deployment import deploy, destroy, plan
from infra.deploy.stage.target import Target
from infra.deploy.user_pool.retained_pool import adopt_pool
from infra.deploy.user_pool.user_pool import cognito_parameters
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import hurry, small_bundle

pytestmark = pytest.mark.ministack

PASSWORD = "Example-demo-1"


@pytest.fixture
def development(
    empty_ministack: MiniStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Target:
    hurry(monkeypatch, tmp_path)
    return local_target(empty_ministack, login_url="http://localhost:9")


@pytest.fixture
def production(development: Target) -> Target:
    return replace(development, stage=replace(development.stage, production=True))


def pool_after_deploying(target: Target, directory: Path) -> str:
    deploy(target, directory, database_url="postgres://x/y", bundle=small_bundle(directory))
    outputs = stack_outputs(target.client("cloudformation"), target.stage.cognito_stack)
    return outputs["UserPoolId"]


def signed_in(target: Target) -> str:
    """Sign in with the web client of the present stack. Return the `sub`."""
    outputs = stack_outputs(target.client("cloudformation"), target.stage.cognito_stack)
    cognito, client_id = target.client("cognito-idp"), outputs["WebClientId"]
    client = cognito.describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=client_id
    )["UserPoolClient"]
    message = f"ann@example.com{client_id}".encode()
    digest = hmac.digest(client["ClientSecret"].encode(), message, "sha256")
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": "ann@example.com",
            "PASSWORD": PASSWORD,
            "SECRET_HASH": base64.b64encode(digest).decode(),
        },
    )
    payload = answer["AuthenticationResult"]["IdToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["cognito:groups"] == ["operators"]
    return str(claims["sub"])


def test_retained_pool_is_used_again(production: Target, tmp_path: Path) -> None:
    cognito = production.client("cognito-idp")
    pool = pool_after_deploying(production, tmp_path)
    ann = {"UserPoolId": pool, "Username": "ann@example.com"}
    cognito.admin_create_user(**ann, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**ann, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(**ann, GroupName="operators")
    [before] = cognito.list_users(UserPoolId=pool)["Users"]
    sub = signed_in(production)

    [kept] = destroy(production)
    assert f"The user pool {pool} is kept with its users" in kept
    assert f"delete-user-pool --region eu-west-1 --user-pool-id {pool}" in kept
    # A second time, `destroy` still reports the pool.
    assert destroy(production) == [kept]

    bundle = small_bundle(tmp_path)
    lines = plan(production, tmp_path, bundle=bundle)
    assert f"Import the user pool {pool}" in lines
    assert not any("Add UserPool (" in line for line in lines)
    # After an interruption, the imported stack has the pool, but no tags yet.
    adopt_pool(production, pool, cognito_parameters(production, "https://not-yet.invalid"))
    assert pool_after_deploying(production, tmp_path) == pool
    assert [entry["Id"] for entry in cognito.list_user_pools(MaxResults=60)["UserPools"]] == [pool]
    assert cognito.list_users(UserPoolId=pool)["Users"] == [before]
    assert plan(production, tmp_path, bundle=bundle) == []
    assert signed_in(production) == sub
    members = cognito.list_users_in_group(UserPoolId=pool, GroupName="operators")["Users"]
    assert [one["Username"] for one in members] == [before["Username"]]


def test_several_retained_pools_are_named_and_not_used(production: Target, tmp_path: Path) -> None:
    cognito, stage = production.client("cognito-idp"), production.stage
    pools = [
        cognito.create_user_pool(PoolName=stage.cognito_stack, UserPoolTags=stage.all_tags)
        for _ in range(2)
    ]
    with pytest.raises(InfraError, match="There are 2 user pools") as refused:
        pool_after_deploying(production, tmp_path)
    assert all(pool["UserPool"]["Id"] in str(refused.value) for pool in pools)


def test_pool_of_another_owner_is_not_changed(development: Target, tmp_path: Path) -> None:
    cognito = development.client("cognito-idp")
    foreign = cognito.create_user_pool(PoolName=development.stage.cognito_stack)["UserPool"]["Id"]
    assert pool_after_deploying(development, tmp_path) != foreign
    assert destroy(development) == []
    assert [pool["Id"] for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]] == [foreign]


def test_protected_pool_is_not_deleted(
    development: Target, production: Target, tmp_path: Path
) -> None:
    """The stage was in production when it was last deployed."""
    pool = pool_after_deploying(production, tmp_path)
    with pytest.raises(InfraError, match="--deletion-protection INACTIVE"):
        destroy(development)
    assert production.client("cognito-idp").describe_user_pool(UserPoolId=pool)
