"""Errors of stacks that CloudFormation could not create or delete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.aws.provision import provision
from infra.aws.stacks import delete_stack, stack_status
from infra.deploy.stage.target import Target
from infra.errors import ProvisionError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack

pytestmark = pytest.mark.ministack

BUCKET = {
    "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken"}}}
}

NETWORK = {
    "Resources": {"Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}
}


@pytest.fixture
def target(empty_ministack: MiniStack) -> Target:
    return local_target(empty_ministack, login_url="http://localhost:9")


def make(target: Target, directory: Path, template: Any) -> None:
    file = directory / "template.json"
    file.write_text(json.dumps(template))
    provision(
        target.client("cloudformation"),
        stack_name="tests",
        template=file,
        parameters={},
        poll_seconds=0.02,
    )


def test_error_contains_the_findings_of_validation(target: Target, tmp_path: Path) -> None:
    """The stack's own event says only that the stack failed."""
    target.client("s3").create_bucket(
        Bucket="taken", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    with pytest.raises(ProvisionError, match=r"/Resources/Bucket.*taken") as refused:
        make(target, tmp_path, BUCKET)
    assert str(refused.value).endswith("Correct that, then run the same command again.")


def test_failed_deletion_reports_the_reason_and_can_be_repeated(
    target: Target, tmp_path: Path
) -> None:
    make(target, tmp_path, NETWORK)
    cloudformation = target.client("cloudformation")
    vpc = target.resource_id("tests", "Network")
    ec2 = target.client("ec2")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    with pytest.raises(ProvisionError, match=r"Network \(AWS::EC2::VPC\): .*dependencies"):
        delete_stack(cloudformation, "tests", poll_seconds=0.02)
    ec2.delete_subnet(SubnetId=subnet)
    assert delete_stack(cloudformation, "tests", poll_seconds=0.02)
    assert stack_status(cloudformation, "tests") is None
    assert not delete_stack(cloudformation, "tests", poll_seconds=0.02)
