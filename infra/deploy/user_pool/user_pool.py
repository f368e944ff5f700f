"""The stage's user pool: the parameters that infra/cognito.yaml gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from infra.aws.provision import COGNITO_TEMPLATE
from infra.deploy.stage.target import Target
from infra.deploy.user_pool.template_checks import check
from infra.errors import InfraError

TRIGGERS = Path(__file__).parents[2] / "triggers"

# Parameter that switches an identity provider on -> where its secret is in the secret of all.
PROVIDER_SECRETS = {
    "GoogleClientId": "google",
    "FacebookAppId": "facebook",
    "AmazonClientId": "amazon",
    "AppleServicesId": "apple",
    "OidcName": "oidc",
}


def cognito_parameters(target: Target, public_url: str) -> dict[str, str]:
    """Checked. Raises InfraError."""
    account = target.client("sts").get_caller_identity()["Account"]
    parameters = {
        # Unique over all accounts.
        "DomainPrefix": f"{target.stage.function_name}-{account}",
        "CallbackUrls": f"{public_url}/accounts/callback/",
        "LogoutUrls": f"{public_url}/accounts/logged-out/",
        # Until the stage names an application of its own, the public client has none.
        "AppCallbackUrls": f"{public_url}/api/v1/docs/signed-in",
        "AppLogoutUrls": f"{public_url}/",
        "DocsCallbackUrls": f"{public_url}/api/v1/docs/signed-in",
        "DeletionProtection": "ACTIVE" if target.stage.production else "INACTIVE",
        "IdentityProviderSecrets": target.stage.provider_secret_name,
        "PreSignUpCode": (TRIGGERS / "pre_sign_up.py").read_text("utf-8"),
        "PostConfirmationCode": (TRIGGERS / "post_confirmation.py").read_text("utf-8"),
        "PreTokenGenerationCode": (TRIGGERS / "pre_token_generation.py").read_text("utf-8"),
        **target.stage.cognito,
    }
    check(COGNITO_TEMPLATE, parameters)
    return parameters | _version_of_secrets(target, parameters)


def _version_of_secrets(target: Target, parameters: Mapping[str, str]) -> dict[str, str]:
    """CloudFormation reads a secret again only where something else has changed as well.

    Raises InfraError where one that a provider needs is missing.
    """
    wanted = [key for name, key in PROVIDER_SECRETS.items() if parameters.get(name)]
    if not wanted:
        return {}
    name = parameters["IdentityProviderSecrets"]
    client = target.client("secretsmanager")
    try:
        answer = client.get_secret_value(SecretId=name)
    except client.exceptions.ResourceNotFoundException as error:
        raise InfraError(
            f"Secrets Manager has no secret {name}, where the secrets of identity providers are: a "
            f"JSON object with {', '.join(wanted)}. docs/deploy.md tells how to make it."
        ) from error
    missing = _missing(answer["SecretString"], wanted)
    if missing:
        raise InfraError(f"The secret {name} is to be a JSON object with {', '.join(missing)}.")
    return {"IdentityProviderSecretsVersion": answer["VersionId"]}


def _missing(text: str, wanted: list[str]) -> list[str]:
    try:
        secrets = json.loads(text)
    except ValueError:
        return wanted
    if not isinstance(secrets, dict):
        return wanted
    return [key for key in wanted if not isinstance(secrets.get(key), str) or not secrets[key]]
