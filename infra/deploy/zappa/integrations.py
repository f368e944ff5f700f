"""Let an existing API call the alias instead of the function itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from infra.deploy.function.function import ALIAS
from infra.deploy.function.releases import alias_arn
from infra.deploy.stage.target import Target


@dataclass(frozen=True)
class _Integration:
    resource_id: str
    method: str
    uri: str
    has_role: bool


def call_alias(target: Target, *, api_id: str, function_arn: str) -> bool:
    """Point the API's integrations to the alias. Return whether that was a change.

    Deployments made APIs that call $LATEST, before there was an alias. Such an API would answer
    with new code before its migrations. The stack of the API sets the same value afterwards.
    """
    apigateway = target.client("apigateway")
    former, wanted = f"{function_arn}/invocations", f"{alias_arn(function_arn)}/invocations"
    found = [entry for entry in _integrations(target, api_id) if entry.uri.endswith(former)]
    if not found:
        return False
    if not all(integration.has_role for integration in found):
        _permit(target, api_id, function_arn)
    for integration in found:
        uri = integration.uri.removesuffix(former) + wanted
        apigateway.update_integration(
            restApiId=api_id,
            resourceId=integration.resource_id,
            httpMethod=integration.method,
            patchOperations=[{"op": "replace", "path": "/uri", "value": uri}],
        )
    apigateway.create_deployment(restApiId=api_id, stageName=target.stage.name)
    return True


def _integrations(target: Target, api_id: str) -> Iterator[_Integration]:
    resources = target.client("apigateway").get_paginator("get_resources")
    for page in resources.paginate(restApiId=api_id, embed=["methods"]):
        for resource in page["items"]:
            for method, described in resource.get("resourceMethods", {}).items():
                integration = described.get("methodIntegration") or {}
                yield _Integration(
                    resource["id"],
                    method,
                    integration.get("uri") or "",
                    has_role=bool(integration.get("credentials")),
                )


def _permit(target: Target, api_id: str, function_arn: str) -> None:
    """Permit an API without a role to call the alias, which has its own permissions."""
    _, partition, _, region, account, _, name = function_arn.split(":")
    client = target.client("lambda")
    with suppress(client.exceptions.ResourceConflictException):
        client.add_permission(
            FunctionName=name,
            Qualifier=ALIAS,
            StatementId=f"api-{api_id}",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:{partition}:execute-api:{region}:{account}:{api_id}/*",
        )
