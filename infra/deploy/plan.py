"""What a deployment would change, without changing it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from infra.aws.provision import COGNITO_TEMPLATE, preview, stack_outputs
from infra.aws.stacks import former_stacks
from infra.deploy.bundle.bundle import Bundle, build
from infra.deploy.deployment import (
    NOWHERE,
    PLATFORM_TEMPLATE,
    bundle_key,
    deployed_function,
    is_up_to_date,
    platform_parameters,
    zappa_settings,
)
from infra.deploy.function.function import ALIAS, Function
from infra.deploy.function.releases import Releases, alias_arn
from infra.deploy.function.schedules import preview_schedules
from infra.deploy.function.variables import function_variables
from infra.deploy.gateway.domain import preview_domain
from infra.deploy.gateway.gateway import gateway_parameters, preview_gateway
from infra.deploy.ownership import require_ours
from infra.deploy.stage.target import Target
from infra.deploy.user_pool.retained_pool import retained_pool
from infra.deploy.user_pool.user_pool import cognito_parameters


def plan(target: Target, directory: Path, *, bundle: Bundle | None = None) -> list[str]:
    """A line for each change; none where everything is up to date. Raises InfraError.

    `bundle`: to deploy instead of one made of the sources as they are.
    """
    require_ours(target)
    stage = target.stage
    cloudformation = target.client("cloudformation")
    public_url = (
        stage.public_url or target.api_url() or target.api_url(stage.former_api_stack) or NOWHERE
    )
    lines = _pool_lines(target, public_url)
    pool = stack_outputs(cloudformation, stage.cognito_stack)
    lines += preview(
        cloudformation,
        stack_name=stage.platform_stack,
        template=PLATFORM_TEMPLATE,
        parameters=platform_parameters(target, pool.get("UserPoolId", "not-yet")),
        tags=stage.all_tags,
        poll_seconds=target.polling_seconds,
    )
    platform = stack_outputs(cloudformation, stage.platform_stack)
    bundle = bundle or build(directory)
    function = deployed_function(target)
    present = function.configuration()
    lines += _function_lines(target, function, bundle, platform)
    alias = alias_arn((present or {}).get("FunctionArn", "not-yet"))
    if stage.has_gateway:
        variables = (
            function_variables(target, pool, public_url=public_url, secrets={}) if pool else {}
        )
        parameters = gateway_parameters(
            target,
            variables,
            function_arn=alias,
            bundles_bucket=platform.get("BundlesBucket", "not-yet"),
            bundle_key=bundle_key(bundle.digest),
        )
        lines += preview_gateway(target, directory, parameters)
    lines += preview_schedules(target, directory, alias)
    lines += preview_domain(target)
    return [*lines, *(f"Remove the stack {name}" for name in former_stacks(target))]


def _function_lines(
    target: Target, function: Function, bundle: Bundle, platform: Mapping[str, str]
) -> list[str]:
    stage, present = target.stage, function.configuration()
    if present is None:
        what = "" if stage.has_gateway else " and its API"
        return [f"Add {stage.function_name}{what} (by Zappa)"]
    lines = []
    if present["CodeSha256"] != bundle.digest:
        lines.append(f"Modify the code of {stage.function_name} (by Zappa)")
    elif platform and not is_up_to_date(present, bundle, zappa_settings(target, platform)):
        lines.append(f"Modify the settings of {stage.function_name} (by Zappa)")
    releases = Releases(function, polling_seconds=target.polling_seconds)
    if lines or not releases.is_newest_live(bundle.digest):
        lines.append(f"Modify the alias {ALIAS} of {stage.function_name}, after its migrations")
    return lines


def _pool_lines(target: Target, public_url: str) -> list[str]:
    """What changes in the user pool's stack, which may use a retained pool again."""
    retained = retained_pool(target)
    lines = preview(
        target.client("cloudformation"),
        stack_name=target.stage.cognito_stack,
        template=COGNITO_TEMPLATE,
        parameters=cognito_parameters(target, public_url),
        tags=target.stage.all_tags,
        poll_seconds=target.polling_seconds,
    )
    if retained is None:
        return lines
    new_pool = "Add UserPool (AWS::Cognito::UserPool)"
    return [f"Import the user pool {retained}"] + [line for line in lines if line != new_pool]
