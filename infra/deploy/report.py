"""What a stage is made of and how it is: for people, and for other programs."""

from __future__ import annotations

from infra.deploy.deployment import deployed_function
from infra.deploy.target import Target
from infra.deploy.web import get
from infra.errors import InfraError
from infra.provision import stack_outputs


def outputs(target: Target) -> dict[str, str]:
    """Variables that a client of the stage needs, by their names here; none is a secret.

    Raises InfraError where nothing is deployed.
    """
    pool = stack_outputs(target.client("cloudformation"), target.stage.cognito_stack)
    public_url = target.stage.public_url or target.api_url()
    if not pool or not public_url:
        raise InfraError(f"The stage {target.stage.name} is not deployed yet.")
    return {
        "PUBLIC_URL": public_url,
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
    cloudformation = target.client("cloudformation")
    lines = []
    for stack in (stage.cognito_stack, stage.platform_stack, stage.function_name):
        try:
            described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        except cloudformation.exceptions.ClientError:
            described = "missing"
        lines.append(f"stack {stack}: {described}")
    function = deployed_function(target).configuration()
    if function is None:
        return [*lines, f"function {stage.function_name}: missing"]
    lines.append(
        f"function {stage.function_name}: {function['State']}, code {function['CodeSha256']}, "
        f"changed {function['LastModified']}"
    )
    url = stage.public_url or target.api_url()
    return [*lines, f"{url}/readyz: {_ready(f'{url}/readyz')}"]


def _ready(url: str) -> str:
    try:
        answer = get(url)
    except OSError as error:
        return f"does not answer ({error})"
    return f"{answer.status} {answer.body[:200].decode(errors='replace')}"
