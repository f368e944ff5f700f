"""APIs of former deployments, which called the function itself instead of the alias."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.deployment import deploy
from infra.deploy.function.function import deployed_function
from infra.deploy.function.releases import Releases
from infra.deploy.stage.target import Target
from infra.deploy.zappa import function_code
from infra.deploy.zappa.integrations import call_alias
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import (
    HANDLER,
    hurry,
    make_function,
    small_bundle,
    zappa_in_process,
)

pytestmark = pytest.mark.ministack

URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{}/invocations"


@pytest.fixture
def target(empty_ministack: MiniStack, tmp_path: Path) -> Target:
    """Return a target whose function has an alias."""
    target = local_target(empty_ministack, login_url="http://localhost:9")
    make_function(target, small_bundle(tmp_path))
    Releases(deployed_function(target)).ensure_alias()
    return target


def function_arn(target: Target) -> str:
    configuration = deployed_function(target).configuration()
    assert configuration is not None
    arn: str = configuration["FunctionArn"]
    return arn


def api(target: Target, *, called: str, role: str | None) -> str:
    client = target.client("apigateway")
    api_id: str = client.create_rest_api(name="gatehouse-dev")["id"]
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    for method in ("ANY", "OPTIONS"):
        client.put_method(
            restApiId=api_id, resourceId=root, httpMethod=method, authorizationType="NONE"
        )
        client.put_integration(
            restApiId=api_id,
            resourceId=root,
            httpMethod=method,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=URI.format(called),
            **({"credentials": role} if role else {}),
        )
    client.create_deployment(restApiId=api_id, stageName=target.stage.name)
    return api_id


def uris(target: Target, api_id: str) -> set[str]:
    items = target.client("apigateway").get_resources(restApiId=api_id, embed=["methods"])["items"]
    methods = [method for item in items for method in item["resourceMethods"].values()]
    return {method["methodIntegration"]["uri"] for method in methods}


def point_to(target: Target, api_id: str, called: str) -> None:
    client = target.client("apigateway")
    for resource in client.get_resources(restApiId=api_id, embed=["methods"])["items"]:
        for method in resource["resourceMethods"]:
            client.update_integration(
                restApiId=api_id,
                resourceId=resource["id"],
                httpMethod=method,
                patchOperations=[{"op": "replace", "path": "/uri", "value": URI.format(called)}],
            )


@pytest.mark.parametrize("role", ["arn:aws:iam::000000000000:role/function", None])
def test_api_of_a_former_deployment_calls_the_alias(target: Target, role: str | None) -> None:
    function = function_arn(target)
    api_id = api(target, called=function, role=role)
    client = target.client("apigateway")
    before = client.get_stage(restApiId=api_id, stageName="dev")["deploymentId"]

    assert call_alias(target, api_id=api_id, function_arn=function)
    assert uris(target, api_id) == {URI.format(f"{function}:live")}
    assert client.get_stage(restApiId=api_id, stageName="dev")["deploymentId"] != before
    assert not call_alias(target, api_id=api_id, function_arn=function)


def test_api_without_a_role_may_call_the_alias(target: Target) -> None:
    """An interrupted deployment may already have added the permission."""
    function = function_arn(target)
    first = api(target, called=function, role=None)
    assert call_alias(target, api_id=first, function_arn=function)
    client, name = target.client("lambda"), target.stage.function_name
    policy = json.loads(client.get_policy(FunctionName=name, Qualifier="live")["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == [f"api-{first}"]
    [statement] = policy["Statement"]
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}

    point_to(target, first, function)
    assert call_alias(target, api_id=first, function_arn=function)


def test_api_of_another_owner_is_not_changed(target: Target) -> None:
    other = function_arn(target) + "-other"
    api_id = api(target, called=other, role=None)
    assert not call_alias(target, api_id=api_id, function_arn=function_arn(target))
    assert uris(target, api_id) == {URI.format(other)}


def test_stage_of_a_former_deployment_gets_an_alias(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API calls the former code while Zappa changes the function."""
    hurry(monkeypatch, tmp_path)
    target = local_target(empty_ministack, login_url="http://localhost:9")
    deploy(target, tmp_path, database_url="postgres://x/y", bundle=small_bundle(tmp_path))
    function = function_arn(target)
    target.client("lambda").delete_alias(FunctionName=target.stage.function_name, Name="live")
    api_id = target.api_id()
    assert api_id is not None
    point_to(target, api_id, function)
    former = Releases(deployed_function(target))
    seen = []

    def look_then_run_zappa(*arguments: Any, **options: Any) -> None:
        live = former.live()
        assert live is not None
        seen.append((uris(target, api_id), live.released))
        zappa_in_process(*arguments, **options)

    monkeypatch.setattr(function_code, "zappa", look_then_run_zappa)
    deployed = deploy(
        target, tmp_path, database_url=None, bundle=small_bundle(tmp_path, HANDLER + "\n")
    )
    live = former.live()
    assert live is not None
    assert seen == [({URI.format(f"{function}:live")}, live.former)]
    assert "the API, which calls released versions only" in deployed.changes
    assert uris(target, api_id) == {URI.format(f"{function}:live")}
