"""What clients of a stage need to know."""

from __future__ import annotations

from infra.aws.stacks import stack_outputs
from infra.deploy.stage.target import Target
from infra.errors import InfraError


def outputs(target: Target) -> dict[str, str]:
    """Return variables for a client of the stage. None of them is a secret."""
    pool = stack_outputs(target.client("cloudformation"), target.stage.cognito_stack)
    api_url = target.api_url()
    public_url = target.stage.public_url or api_url
    if not pool or not public_url:
        raise InfraError(f"The stage {target.stage.name} is not deployed yet.")
    return {
        "PUBLIC_URL": public_url,
        # The origin for a CloudFront distribution in front of the API.
        "API_ORIGIN": api_url or "",
        "COGNITO_REGION": target.stage.region,
        "COGNITO_USER_POOL_ID": pool["UserPoolId"],
        "COGNITO_CLIENT_ID": pool["WebClientId"],
        "COGNITO_APP_CLIENT_ID": pool["AppClientId"],
        "COGNITO_MACHINE_CLIENT_ID": pool["MachineClientId"],
        "COGNITO_DOMAIN": target.settings.get("COGNITO_DOMAIN", pool["HostedUIUrl"]),
        "COGNITO_ISSUER": pool["Issuer"],
    }
