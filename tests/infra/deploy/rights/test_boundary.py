"""The permissions boundary of the roles that a deployment creates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template, render
from infra.deploy.function.platform import Platform
from infra.deploy.gateway.gateway import Gateway
from infra.deploy.rights.boundary import find_boundary
from infra.deploy.rights.policy import boundary_policy
from infra.local.local_deployment import DEV, local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.gateway.gateway_values import PARAMETERS
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SWITCHES

ARN = "arn:aws:iam::123456789012:policy/ours"


@pytest.mark.ministack
def test_boundary_is_used_if_the_account_has_it(empty_ministack: MiniStack) -> None:
    target = local_target(empty_ministack, login_url="http://localhost:9")
    assert find_boundary(target) == ""
    made = target.client("iam").create_policy(
        PolicyName=DEV.boundary_name, PolicyDocument=json.dumps(boundary_policy(DEV))
    )
    assert find_boundary(target) == made["Policy"]["Arn"]


@pytest.mark.parametrize(
    ("template", "parameters"),
    [
        (
            COGNITO_TEMPLATE,
            {**GOOD, **SWITCHES["sign-up"], **SWITCHES["sign-ins end at a reset"]},
        ),
        (Platform.template, {"FunctionName": "x"}),
        (Gateway.template, {**PARAMETERS, "Authorizer": "lambda"}),
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else "",
)
def test_every_role_has_the_boundary_if_there_is_one(
    template: Path, parameters: dict[str, str]
) -> None:
    document = load_template(template)

    def boundaries(**more: str) -> list[object]:
        rendered = render(document, {**parameters, **more})
        return [
            resource.get("PermissionsBoundary")
            for resource in rendered.values()
            if resource["Type"] == "AWS::IAM::Role"
        ]

    assert boundaries() == [None] * len(boundaries())
    assert set(boundaries(PermissionsBoundary=ARN)) == {ARN}
