"""The API of gateway.yaml, which checks bearer tokens before the function starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from infra.deploy.function.releases import alias_arn
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, StackStep
from infra.errors import InfraError

# The resource of the template whose name gets a digest, and the parameters in that digest.
DEPLOYMENT = "DeploymentOfAll"
DEPLOYED_PARAMETERS = (
    "Authorizer",
    "CorsOrigin",
    "FunctionArn",
    "HasDomain",
    "PublicUrl",
    "UserPoolId",
)


class Gateway(StackStep):
    name = "the API with its authorizer"
    template = Path(__file__).with_name("gateway.yaml")

    def stack(self, stage: Stage) -> str:
        return stage.gateway_stack

    def is_wanted(self, stage: Stage) -> bool:
        return stage.has_gateway

    def parameters(self, run: Run) -> dict[str, str]:
        stage, variables = run.target.stage, run.variables
        token_uses = variables.get("COGNITO_API_TOKEN_USES", "access")
        if stage.authorizer == "user-pool" and token_uses.strip() != "access":
            raise InfraError(
                "API Gateway's own authorizer takes access tokens or ID tokens, not both: with "
                f"COGNITO_API_TOKEN_USES={token_uses} the stage needs another authorizer."
            )
        return {
            "FunctionArn": alias_arn(run.function_arn),
            "StageName": stage.name,
            "Authorizer": stage.authorizer,
            "UserPoolId": variables.get("COGNITO_USER_POOL_ID", ""),
            # The template knows the API's own address, which does not exist before the API.
            "PublicUrl": stage.public_url or "",
            "RequestsPerSecond": str(stage.requests_per_second),
            "Burst": str(stage.burst),
            "CorsOrigin": "*" if variables.get("CORS_ALLOWED_ORIGINS") else "",
            "AccessLog": "true" if may_log(run.target) else "false",
            "HasDomain": "true" if stage.has_domain else "false",
            # begin capability gateway-authorizer
            **(_of_the_function(run, token_uses) if stage.authorizer == "lambda" else {}),
            # end capability gateway-authorizer
        }

    def rendered(self, run: Run, parameters: Mapping[str, str]) -> Path:
        """Name the deployment by its content, so that API Gateway serves each change.

        CloudFormation never makes a deployment again under the same name. AWS SAM does the same.
        """
        text = self.template.read_text("utf-8")
        content = text + json.dumps([parameters[name] for name in DEPLOYED_PARAMETERS])
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        run.directory.mkdir(parents=True, exist_ok=True)
        file = run.directory / self.template.name
        file.write_text(text.replace(DEPLOYMENT, DEPLOYMENT + digest), "utf-8")
        return file

    def status(self, target: Target) -> list[str]:
        stage = target.stage
        if not stage.has_gateway:
            return []
        log = f"/aws/apigateway/{stage.gateway_stack}" if may_log(target) else "off, no role for it"
        return [
            *super().status(target),
            f"authorizer {stage.authorizer}, log of requests: {log}",
        ]


# begin capability gateway-authorizer
def _of_the_function(run: Run, token_uses: str) -> dict[str, str]:
    """Return the parameters of the Lambda authorizer."""
    variables = run.variables
    return {
        "Runtime": run.target.stage.runtime,
        "Architecture": run.target.stage.architecture,
        "PermissionsBoundary": run.boundary,
        "BundlesBucket": run.platform.get("BundlesBucket", "not-yet"),
        "BundleKey": run.bundle.key,
        "Issuer": variables.get("COGNITO_ISSUER", ""),
        "KeySetUrl": variables.get("COGNITO_JWKS_URL", ""),
        "KeySet": variables.get("COGNITO_JWKS", ""),
        "ClientId": variables.get("COGNITO_CLIENT_ID", ""),
        "ApiClientIds": variables.get("COGNITO_API_CLIENT_IDS", ""),
        "ApiTokenUses": token_uses,
        "ApiAudience": variables.get("COGNITO_API_AUDIENCE") or f"{run.public_url}/api",
        "RequireAudience": variables.get("COGNITO_REQUIRE_AUDIENCE") or "false",
        "AudienceClients": variables.get("COGNITO_AUDIENCE_CLIENTS") or "listed",
    }


# end capability gateway-authorizer


def may_log(target: Target) -> bool:
    """Return whether the account lets API Gateway write logs.

    An account without a role for it refuses a stage that logs.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    return bool(target.client("apigateway").get_account().get("cloudwatchRoleArn"))
