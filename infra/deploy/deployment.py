"""`infra deploy`: every step from nothing to the running application, in order.

Each step looks at what is there and changes what differs. So a second run changes nothing, and a
run after a failed one goes on where that one stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy import smoke
from infra.deploy.bundle import Bundle, build
from infra.deploy.domain import domain_target, provision_domain
from infra.deploy.function import Function
from infra.deploy.gateway import gateway_parameters, provision_gateway
from infra.deploy.secrets import ensure_secrets
from infra.deploy.settings import function_variables
from infra.deploy.stacks import delete_stack, former_stacks
from infra.deploy.target import Target
from infra.deploy.throttling import set_throttling
from infra.deploy.user_pool import cognito_parameters
from infra.deploy.zappa import description, is_in_vpc, is_traced, stage_settings, zappa
from infra.errors import InfraError
from infra.provision import COGNITO_TEMPLATE, Provisioned, provision

PLATFORM_TEMPLATE = Path(__file__).with_name("platform.yaml")

# Until there is an API, nobody can be sent back to it (RFC 6761, section 6.4).
NOWHERE = "https://not-yet.invalid"

# A management command has 29 seconds (zappa_settings.json), after a cold start of up to ten. Who
# gives up before that asks again, and has two of them at once change the schema.
COMMAND_SECONDS = 60


@dataclass
class Deployed:
    """What a deployment came to. `changes`: in the words of whoever reads about them."""

    public_url: str = NOWHERE
    changes: list[str] = field(default_factory=list)


def deploy(
    target: Target,
    directory: Path,
    *,
    database_url: str | None,
    bundle: Bundle | None = None,
    after_update: Callable[[], None] | None = None,
) -> Deployed:
    """Bring the stage up to date.

    Args:
        directory: for the bundle and logs, nobody else's.
        database_url: of the application's database; None goes on with the one that is known.
        bundle: to deploy instead of one made of the sources as they are.
        after_update: called when Zappa has changed the function or its API.

    Raises InfraError.
    """
    deployed = Deployed()
    with _told("the user pool"):
        deployed.public_url = target.stage.public_url or target.api_url() or NOWHERE
        pool = _provision_pool(target, deployed)
    with _told("the function's role and log"):
        platform = _provision_platform(target, pool.outputs["UserPoolId"], deployed)
    with _told("the secrets"):
        secrets = ensure_secrets(
            target.client("secretsmanager"),
            target.stage.secret_name,
            database_url=database_url,
        )
    bundle = bundle or build(directory)
    with _told("the function and its API"):
        if _update_function(target, directory, bundle, platform.outputs, deployed) and after_update:
            after_update()
        if not target.stage.has_gateway and set_throttling(
            target.client("apigateway"),
            api_id=target.api_id() or "",
            stage=target.stage.name,
            requests_per_second=target.stage.requests_per_second,
            burst=target.stage.burst,
        ):
            deployed.changes.append("the API's limits")
    with _told("the function's environment"):
        variables = function_variables(
            target, pool.outputs, public_url=deployed.public_url, secrets=secrets
        )
    function = deployed_function(target)
    if target.stage.has_gateway:
        with _told("the API with its authorizer"):
            parameters = gateway_parameters(
                target,
                variables,
                function_arn=(function.configuration() or {})["FunctionArn"],
                bundles_bucket=platform.outputs["BundlesBucket"],
                bundle_key=bundle_key(bundle.digest),
            )
            if provision_gateway(target, directory, parameters):
                deployed.changes.append("the API with its authorizer")
    if deployed.public_url == NOWHERE:
        with _told("the API's address in the user pool"):
            deployed.public_url = target.api_url() or NOWHERE
            _provision_pool(target, deployed)
    with _told("the function's environment"):
        if function.set_environment(variables | {"PUBLIC_URL": deployed.public_url}):
            deployed.changes.append("the function's environment")
    with _told("the database"):
        if "Applying" in function.manage("migrate --no-input"):
            deployed.changes.append("the database's schema")
    with _told("the domain"):
        if provision_domain(target):
            deployed.changes.append("the domain")
    with _told("what the stage no longer has"):
        for stack in former_stacks(target):
            delete_stack(target, stack)
            deployed.changes.append(f"the stack {stack}, which is gone")
    with _told("the smoke test"):
        smoke.smoke_test(
            deployed.public_url,
            client_id=variables["COGNITO_CLIENT_ID"],
            hosted_ui=variables["COGNITO_DOMAIN"],
            domain_target=domain_target(target),
        )
    return deployed


def platform_parameters(target: Target, user_pool_id: str) -> dict[str, str]:
    return {
        "FunctionName": target.stage.function_name,
        "UserPoolId": user_pool_id,
        "InVpc": "true" if is_in_vpc(target.stage.name) else "false",
        "Traced": "true" if is_traced(target.stage.name) else "false",
    }


def _provision_pool(target: Target, deployed: Deployed) -> Provisioned:
    pool = provision(
        target.client("cloudformation"),
        stack_name=target.stage.cognito_stack,
        template=COGNITO_TEMPLATE,
        parameters=cognito_parameters(target, deployed.public_url),
        tags=target.stage.all_tags,
        poll_seconds=target.polling_seconds,
    )
    if pool.changed:
        deployed.changes.append("the user pool")
    return pool


def _provision_platform(target: Target, user_pool_id: str, deployed: Deployed) -> Provisioned:
    platform = provision(
        target.client("cloudformation"),
        stack_name=target.stage.platform_stack,
        template=PLATFORM_TEMPLATE,
        parameters=platform_parameters(target, user_pool_id),
        tags=target.stage.all_tags,
        poll_seconds=target.polling_seconds,
    )
    if platform.changed:
        deployed.changes.append("the function's role and log")
    return platform


def _update_function(
    target: Target, directory: Path, bundle: Bundle, platform: Mapping[str, str], deployed: Deployed
) -> bool:
    stage = target.stage.name
    settings = zappa_settings(target, platform)
    function = deployed_function(target)
    present = function.configuration()
    if present and not target.stage.has_gateway and target.api_url() is None:
        # Zappa was interrupted half-way, and can go on from there no more than from here.
        delete_stack(target, target.stage.api_stack)
        function.delete()
        present = None
    if present and is_up_to_date(present, bundle, settings):
        return False
    key = bundle_key(bundle.digest)
    target.client("s3").upload_file(str(bundle.path), platform["BundlesBucket"], key)
    file = directory / "zappa_settings.json"
    file.write_text(json.dumps(settings, indent=2))
    command = "update" if present else "deploy"
    zappa(
        f"Zappa's {command}",
        [command, stage, "--zip", f"s3://{platform['BundlesBucket']}/{key}", "--disable_progress"],
        directory=directory,
        log=directory / "zappa.log",
        settings=file,
        environment={**target.variables, "AWS_DEFAULT_REGION": target.stage.region},
    )
    function.describe(description(settings))
    deployed.changes.append("the function and its API")
    return True


def zappa_settings(target: Target, platform: Mapping[str, str]) -> dict[str, Any]:
    """zappa_settings.json with what the account knows. `platform`: outputs of that stack."""
    stage = target.stage
    api: dict[str, str | bool] = {"apigateway_enabled": False} if stage.has_gateway else {}
    return stage_settings(
        stage.name,
        **api,
        aws_region=stage.region,
        role_arn=platform["RoleArn"],
        s3_bucket=platform["BundlesBucket"],
        tags=stage.all_tags,
    )


def is_up_to_date(present: Mapping[str, Any], bundle: Bundle, settings: Mapping[str, Any]) -> bool:
    """Whether a function, as Lambda describes it, has this code and these settings of Zappa."""
    return bool(
        present["CodeSha256"] == bundle.digest and present["Description"] == description(settings)
    )


def bundle_key(digest: str) -> str:
    """Of a bundle in the bucket, by Lambda's CodeSha256."""
    return f"bundles/{digest.translate(str.maketrans('+/', '-_')).rstrip('=')}.zip"


def deployed_function(target: Target) -> Function:
    """The stage's function, which may not be there yet."""
    return Function(
        target.client("lambda", Config(read_timeout=COMMAND_SECONDS)),
        target.stage.function_name,
        polling_seconds=target.polling_seconds,
    )


@contextmanager
def _told(what: str) -> Iterator[None]:
    """AWS's own errors, as one sentence that says where and what to do."""
    try:
        yield
    except (BotoCoreError, ClientError, OSError, ValueError) as error:
        raise InfraError(
            f"{what[0].upper()}{what[1:]}: {error}\n"
            "Put that right and run the same command again: it goes on from here."
        ) from error
