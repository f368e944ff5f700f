"""The code and the settings of the function, and the API in front of it: both made by Zappa."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.deploy.function.function import ALIAS, deployed_function
from infra.deploy.function.network import network_lines
from infra.deploy.function.schedules import delete_rules_of_zappa
from infra.deploy.stage.target import Target
from infra.deploy.stage.zappa_settings import description, stage_settings
from infra.deploy.step import Run, Step, remove_stack, stack_line
from infra.deploy.zappa.integrations import call_alias
from infra.deploy.zappa.zappa import zappa


class FunctionCode(Step):
    """Deploy the bundle to $LATEST, and make an API that calls the alias."""

    name = "the function and its API"

    def preview(self, run: Run) -> list[str]:
        stage, present = run.target.stage, run.function.configuration()
        if present is None:
            what = "" if stage.has_gateway else " and its API"
            return [f"Add {stage.function_name}{what} (by Zappa)"]
        run.function_arn = present["FunctionArn"]
        if present["CodeSha256"] != run.bundle.digest:
            part = "code"
        elif run.platform and not _is_up_to_date(run, present):
            part = "settings"
        else:
            return []
        run.changes_function = True
        return [f"Modify the {part} of {stage.function_name} (by Zappa)"]

    def apply(self, run: Run) -> list[str]:
        changes = _update(run)
        if self.name in changes and run.after_update:
            run.after_update()
        run.function_arn = (run.function.configuration() or {})["FunctionArn"]
        return changes

    def destroy(self, target: Target) -> list[str]:
        remove_stack(target, target.stage.function_name)
        function = deployed_function(target)
        if configuration := function.configuration():
            delete_rules_of_zappa(target, configuration["FunctionArn"])
        function.delete()
        return []

    def status(self, target: Target) -> list[str]:
        stage = target.stage
        lines = [] if stage.has_gateway else [stack_line(target, stage.api_stack)]
        configuration = deployed_function(target).configuration()
        if configuration is None:
            return [*lines, f"function {stage.function_name}: missing"]
        state, changed = configuration["State"], configuration["LastModified"]
        lines.append(f"function {stage.function_name}: {state}, changed {changed}")
        subnet_ids = configuration.get("VpcConfig", {}).get("SubnetIds", ())
        return [*lines, *network_lines(target, subnet_ids)]


def zappa_settings(target: Target, platform: Mapping[str, str]) -> dict[str, Any]:
    """Return zappa_settings.json with what only the account knows.

    Args:
        platform: outputs of that stack.
    """
    stage = target.stage
    api: dict[str, Any] = {"apigateway_enabled": False} if stage.has_gateway else {}
    return stage_settings(
        stage.name,
        **api,
        aws_region=stage.region,
        runtime=stage.runtime,
        architecture=stage.architecture,
        role_arn=platform["RoleArn"],
        s3_bucket=platform["BundlesBucket"],
        tags=stage.all_tags,
        # Requests and schedules call the alias: releases.py, schedules.py.
        apigateway_lambda_qualifier=ALIAS,
        events=[],
        keep_warm=False,
        # Zappa would delete versions by their age, and fail at one that the alias names.
        num_retained_versions=None,
    )


def _is_up_to_date(run: Run, present: Mapping[str, Any]) -> bool:
    """Return whether the function has this code, and Zappa has applied the present settings."""
    settings = description(zappa_settings(run.target, run.platform))
    return bool(present["CodeSha256"] == run.bundle.digest and present["Description"] == settings)


def _update(run: Run) -> list[str]:
    """Run Zappa, unless it has nothing to do. Return what changed."""
    target, stage, changes = run.target, run.target.stage, []
    settings = zappa_settings(target, run.platform)
    present = run.function.configuration()
    has_api = stage.has_gateway or target.api_url() is not None
    if present:
        # The API calls the alias, so the alias must exist before the API does.
        run.releases.ensure_alias()
        if has_api and _is_up_to_date(run, present):
            return []
    if not has_api:
        # The stack that an interrupted run of Zappa left cannot be updated.
        remove_stack(target, stage.api_stack)
    bucket = run.platform["BundlesBucket"]
    target.client("s3").upload_file(str(run.bundle.path), bucket, run.bundle.key)
    if present:
        changes = _call_alias(target, present["FunctionArn"])
    file = run.directory / "zappa_settings.json"
    file.write_text(json.dumps(settings, indent=2))
    command = "update" if present else "deploy"
    zappa(
        f"Zappa's {command}",
        [command, stage.name, "--zip", f"s3://{bucket}/{run.bundle.key}", "--disable_progress"],
        directory=run.directory,
        log=run.directory / "zappa.log",
        settings=file,
        environment=target.child_variables(),
    )
    run.releases.ensure_alias()
    run.function.describe(description(settings))
    return [*changes, FunctionCode.name]


def _call_alias(target: Target, function_arn: str) -> list[str]:
    """Let every API of the stage call the alias before $LATEST changes. Return what changed."""
    changes = []
    for stack in (target.stage.api_stack, target.stage.former_api_stack):
        api_id = target.resource_id(stack, "Api")
        if api_id and call_alias(target, api_id=api_id, function_arn=function_arn):
            changes.append("the API, which calls released versions only")
    return changes
