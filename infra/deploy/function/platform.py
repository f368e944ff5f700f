"""The stack of what the function needs: its role, its log group and the bucket for bundles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.stage.zappa_settings import is_in_vpc, is_traced
from infra.deploy.step import Run, StackStep


class Platform(StackStep):
    name = "the function's role and log"
    template = Path(__file__).with_name("platform.yaml")

    def stack(self, stage: Stage) -> str:
        return stage.platform_stack

    def parameters(self, run: Run) -> dict[str, str]:
        stage = run.target.stage
        return {
            "FunctionName": stage.function_name,
            "UserPoolId": run.pool.get("UserPoolId", "not-yet"),
            "InVpc": "true" if is_in_vpc(stage.name) else "false",
            "Traced": "true" if is_traced(stage.name) else "false",
            "PermissionsBoundary": run.boundary,
        }

    def keep_outputs(self, run: Run, outputs: Mapping[str, str]) -> None:
        run.platform = outputs

    def destroy(self, target: Target) -> list[str]:
        # CloudFormation cannot delete a bucket that holds objects.
        if bucket := target.resource_id(self.stack(target.stage), "Bundles"):
            _delete_objects(target, bucket)
        return super().destroy(target)


def _delete_objects(target: Target, bucket: str) -> None:
    s3 = target.client("s3")
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", ()):
                s3.delete_object(Bucket=bucket, Key=entry["Key"])
    except s3.exceptions.NoSuchBucket:
        return
