"""The permissions of the function's role, which depend on the settings of the stage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.aws.provision import provision
from infra.aws.stacks import delete_stack
from infra.aws.template import load_template
from infra.deploy.function.platform import Platform
from infra.deploy.stage.zappa_settings import is_traced
from infra.local.local_deployment import local_target
from tests.support.application import Stack

pytestmark = pytest.mark.ministack

XRAY = "AWSXRayDaemonWriteAccess"
INTERFACES = "AWSLambdaENIManagementAccess"


@pytest.mark.parametrize(
    ("parameters", "policies"),
    [
        ({}, set()),
        ({"Traced": "true"}, {XRAY}),
        ({"InVpc": "true"}, {INTERFACES}),
        ({"Traced": "true", "InVpc": "true"}, {XRAY, INTERFACES}),
    ],
)
def test_role_has_the_permissions_that_the_settings_of_zappa_need(
    stack: Stack, parameters: dict[str, str], policies: set[str]
) -> None:
    target = local_target(stack.aws, login_url=stack.login_url)
    made = provision(
        target.client("cloudformation"),
        stack_name="role-of-a-test",
        template=Platform.template,
        parameters={"FunctionName": "function-of-a-test", "UserPoolId": "eu-west-1_x"} | parameters,
        tags={},
        poll_seconds=0.05,
    )
    try:
        role = made.outputs["RoleArn"].rpartition("/")[2]
        attached = target.client("iam").list_attached_role_policies(RoleName=role)
        names = {policy["PolicyName"] for policy in attached["AttachedPolicies"]}
        assert names == policies
    finally:
        delete_stack(
            target.client("cloudformation"), "role-of-a-test", poll_seconds=target.polling_seconds
        )


def test_stage_is_traced_if_its_own_or_inherited_settings_enable_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = {
        "dev": {"xray_tracing": True},
        "prod": {"extends": "dev"},
        "quiet": {"extends": "dev", "xray_tracing": False},
    }
    file = tmp_path / "zappa_settings.json"
    file.write_text(json.dumps(settings))
    monkeypatch.setattr("infra.deploy.stage.zappa_settings.SETTINGS", file)
    assert [is_traced(stage) for stage in ("dev", "prod", "quiet", "new")] == [
        True,
        True,
        False,
        True,
    ]


def test_bundles_expire_and_versions_do_not_need_them() -> None:
    """The local AWS ignores this property of a bucket."""
    template = load_template(Platform.template)
    [rule] = template["Resources"]["Bundles"]["Properties"]["LifecycleConfiguration"]["Rules"]
    # The whole bucket expires, because Zappa may leave its own template behind.
    assert rule == {
        "Id": "expire",
        "Status": "Enabled",
        "ExpirationInDays": {"Ref": "BundleDays"},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    assert template["Parameters"]["BundleDays"]["Default"] >= 1
