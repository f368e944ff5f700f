"""What a deployment would change, without changing it."""

from __future__ import annotations

from pathlib import Path

from infra.deploy.bundle import build
from infra.deploy.deployment import (
    NOWHERE,
    PLATFORM_TEMPLATE,
    cognito_parameters,
    deployed_function,
    platform_parameters,
)
from infra.deploy.target import Target
from infra.provision import COGNITO_TEMPLATE, preview, stack_outputs


def plan(target: Target, directory: Path) -> list[str]:
    """A line for each change; none where everything is up to date. Raises InfraError."""
    stage = target.stage
    cloudformation = target.client("cloudformation")
    public_url = stage.public_url or target.api_url() or NOWHERE
    lines = preview(
        cloudformation,
        stack_name=stage.cognito_stack,
        template=COGNITO_TEMPLATE,
        parameters=cognito_parameters(target, public_url),
        poll_seconds=target.polling_seconds,
    )
    pool = stack_outputs(cloudformation, stage.cognito_stack).get("UserPoolId", "not-yet")
    lines += preview(
        cloudformation,
        stack_name=stage.platform_stack,
        template=PLATFORM_TEMPLATE,
        parameters=platform_parameters(target, pool),
        poll_seconds=target.polling_seconds,
    )
    bundle = build(directory)
    present = deployed_function(target).configuration()
    if present is None:
        lines.append(f"Add {stage.function_name} and its API (by Zappa)")
    elif present["CodeSha256"] != bundle.digest:
        lines.append(f"Modify the code of {stage.function_name} (by Zappa)")
    return lines
