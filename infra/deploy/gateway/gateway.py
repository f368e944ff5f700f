"""The API of gateway.yaml, for stages that have tokens judged before the function starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from infra.aws.provision import preview, provision
from infra.deploy.stage.target import Target
from infra.errors import InfraError

GATEWAY_TEMPLATE = Path(__file__).with_name("gateway.yaml")

# A resource of that template, which a digest is added to, and what the digest is of.
DEPLOYMENT = "DeploymentOfAll"
DEPLOYED_PARAMETERS = ("Authorizer", "CorsOrigin", "FunctionArn", "HasDomain", "UserPoolId")


def gateway_parameters(
    target: Target,
    variables: Mapping[str, str],
    *,
    function_arn: str,
    bundles_bucket: str,
    bundle_key: str,
) -> dict[str, str]:
    """Of gateway.yaml. `variables`: the application's, none before the first deployment.

    Raises InfraError.
    """
    stage = target.stage
    token_uses = variables.get("COGNITO_API_TOKEN_USES", "access")
    if stage.authorizer == "user-pool" and token_uses.strip() != "access":
        raise InfraError(
            "API Gateway's own authorizer takes access tokens or ID tokens, not both: with "
            f'COGNITO_API_TOKEN_USES={token_uses} the authorizer has to be "lambda".'
        )
    parameters = {
        "FunctionArn": function_arn,
        "StageName": stage.name,
        "Authorizer": stage.authorizer,
        "UserPoolId": variables.get("COGNITO_USER_POOL_ID", ""),
        "RequestsPerSecond": str(stage.requests_per_second),
        "Burst": str(stage.burst),
        "CorsOrigin": "*" if variables.get("CORS_ALLOWED_ORIGINS") else "",
        "AccessLog": "true" if may_log(target) else "false",
        "HasDomain": "true" if stage.has_domain else "false",
    }
    if stage.authorizer == "lambda":
        parameters |= {
            "BundlesBucket": bundles_bucket,
            "BundleKey": bundle_key,
            "Issuer": variables.get("COGNITO_ISSUER", ""),
            "KeySetUrl": variables.get("COGNITO_JWKS_URL", ""),
            "KeySet": variables.get("COGNITO_JWKS", ""),
            "ClientId": variables.get("COGNITO_CLIENT_ID", ""),
            "ApiClientIds": variables.get("COGNITO_API_CLIENT_IDS", ""),
            "ApiTokenUses": token_uses,
        }
    return parameters


def provision_gateway(target: Target, directory: Path, parameters: Mapping[str, str]) -> bool:
    """Have the API; whether that was a change. Raises InfraError."""
    return provision(
        target.client("cloudformation"),
        stack_name=target.stage.gateway_stack,
        template=rendered_template(directory, parameters),
        parameters=parameters,
        tags=target.stage.all_tags,
        poll_seconds=target.polling_seconds,
    ).changed


def preview_gateway(target: Target, directory: Path, parameters: Mapping[str, str]) -> list[str]:
    """What that would change, a line each. Raises InfraError."""
    return preview(
        target.client("cloudformation"),
        stack_name=target.stage.gateway_stack,
        template=rendered_template(directory, parameters),
        parameters=parameters,
        tags=target.stage.all_tags,
        poll_seconds=target.polling_seconds,
    )


def may_log(target: Target) -> bool:
    """Whether the account lets API Gateway write logs: a stage that logs cannot be made otherwise.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    return bool(target.client("apigateway").get_account().get("cloudwatchRoleArn"))


def rendered_template(directory: Path, parameters: Mapping[str, str]) -> Path:
    """gateway.yaml in `directory`, such that what is served changes whenever it says something new.

    AWS SAM does the same: CloudFormation never makes a deployment anew under its old name.
    """
    text = GATEWAY_TEMPLATE.read_text("utf-8")
    content = text + json.dumps([parameters[name] for name in DEPLOYED_PARAMETERS])
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / GATEWAY_TEMPLATE.name
    file.write_text(text.replace(DEPLOYMENT, DEPLOYMENT + digest), "utf-8")
    return file
