"""What a stage is made of and how it is: for people, and for other programs."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from infra.aws.provision import stack_outputs
from infra.aws.stacks import stack_status
from infra.deploy.deployment import deployed_function
from infra.deploy.function.function import ALIAS, Function
from infra.deploy.function.network import isolated_subnets
from infra.deploy.function.releases import Releases
from infra.deploy.gateway.domain import domain_target
from infra.deploy.gateway.gateway import may_log
from infra.deploy.stage.target import Target
from infra.deploy.web import get
from infra.errors import InfraError


def outputs(target: Target) -> dict[str, str]:
    """Variables that a client of the stage needs, by their names here; none is a secret.

    Raises InfraError where nothing is deployed.
    """
    pool = stack_outputs(target.client("cloudformation"), target.stage.cognito_stack)
    api_url = target.api_url()
    public_url = target.stage.public_url or api_url
    if not pool or not public_url:
        raise InfraError(f"The stage {target.stage.name} is not deployed yet.")
    return {
        "PUBLIC_URL": public_url,
        # What a CloudFront distribution in front of the API takes as its origin.
        "API_ORIGIN": api_url or "",
        "COGNITO_REGION": target.stage.region,
        "COGNITO_USER_POOL_ID": pool["UserPoolId"],
        "COGNITO_CLIENT_ID": pool["WebClientId"],
        "COGNITO_APP_CLIENT_ID": pool["AppClientId"],
        "COGNITO_MACHINE_CLIENT_ID": pool["MachineClientId"],
        "COGNITO_DOMAIN": target.settings.get("COGNITO_DOMAIN", pool["HostedUIUrl"]),
        "COGNITO_ISSUER": pool["Issuer"],
    }


def status(target: Target) -> list[str]:
    """A line for each part."""
    stage = target.stage
    lines = [
        f"stack {stack}: {stack_status(target, stack) or 'missing'}"
        for stack in stage.wanted_stacks
    ]
    lines += _front_lines(target)
    function = deployed_function(target)
    configuration = function.configuration()
    if configuration is None:
        return [*lines, f"function {stage.function_name}: missing"]
    state, changed = configuration["State"], configuration["LastModified"]
    lines += [
        f"function {stage.function_name}: {state}, changed {changed}",
        *_release_lines(Releases(function, polling_seconds=target.polling_seconds)),
        *_network_lines(target, configuration.get("VpcConfig", {}).get("SubnetIds", ())),
    ]
    url = stage.public_url or target.api_url()
    return [*lines, f"{url}/readyz: {_ready(f'{url}/readyz')}"]


def _release_lines(releases: Releases) -> list[str]:
    """Which version answers, what `rollback` would go back to, and what is not released."""
    live = releases.live()
    if live is None:
        return [f"alias {ALIAS}: missing; `deploy` makes it"]
    function = releases.function
    code = (function.configuration(live.version) or {}).get("CodeSha256")
    former = ", ".join(live.former) or "none"
    lines = [
        f"alias {ALIAS}: version {live.version}, code {code}; released before: {former}",
        f"migrations of version {live.version}: {_pending(function, live.version)}",
    ]
    newest = releases.newest()
    if newest and int(newest) > int(live.version):
        lines += [
            f"version {newest}: deployed and not live; `deploy` releases it",
            f"migrations of version {newest}: {_pending(function, newest)}",
        ]
    return lines


def _pending(function: Function, version: str) -> str:
    try:
        printed = function.manage("showmigrations --plan --no-color", version)
    except InfraError as error:
        return f"not known. {error}"
    pending = [line.split()[-1] for line in printed.splitlines() if line.startswith("[ ]")]
    return f"{len(pending)} pending: {', '.join(pending)}" if pending else "none pending"


def _front_lines(target: Target) -> list[str]:
    stage = target.stage
    lines = []
    if stage.has_gateway:
        log = f"/aws/apigateway/{stage.gateway_stack}" if may_log(target) else "off, no role for it"
        lines.append(f"authorizer {stage.authorizer}, log of requests: {log}")
    if leads_to := domain_target(target):
        lines.append(f"{stage.public_url}: its DNS record has to lead to {leads_to}")
    return lines


def _network_lines(target: Target, subnet_ids: Sequence[str]) -> list[str]:
    if not subnet_ids:
        return []
    try:
        isolated = isolated_subnets(target.client("ec2"), subnet_ids)
    except ClientError as error:
        return [f"network: not checked, because AWS refused to describe the subnets ({error})"]
    if not isolated:
        return ["network: every subnet has a route to the internet"]
    without = f"network: {', '.join(isolated)} without a route to the internet"
    return [f"{without}: the function cannot reach the hosted UI. Add a NAT gateway."]


def _ready(url: str) -> str:
    try:
        answer = get(url)
    except OSError as error:
        return f"does not answer ({error})"
    return f"{answer.status} {answer.body[:200].decode(errors='replace')}"
