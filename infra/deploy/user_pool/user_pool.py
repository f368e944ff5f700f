"""The stack of the user pool, and the parameters that infra/cognito.yaml gets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.aws.provision import COGNITO_TEMPLATE
from infra.deploy.function.secrets import has_secret
from infra.deploy.ownership import find_pools
from infra.deploy.recovery.pool_recovery import status_lines
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, StackStep
from infra.deploy.user_pool.retained_pool import adopt_pool, delete_pools, find_retained_pool
from infra.deploy.user_pool.template_checks import check
from infra.errors import InfraError
from infra.site import site_parameters

TRIGGERS = Path(__file__).parents[2] / "triggers"

# The parameter that enables an identity provider -> its key in the secret of all providers.
PROVIDER_SECRETS = {
    "GoogleClientId": "google",
    "FacebookAppId": "facebook",
    "AmazonClientId": "amazon",
    "AppleServicesId": "apple",
    "OidcName": "oidc",
}
# The members of the secret that another site shares.
MIGRATION_SECRETS = ("key_id", "key")


class UserPool(StackStep):
    name = "the user pool"
    template = COGNITO_TEMPLATE

    def stack(self, stage: Stage) -> str:
        return stage.cognito_stack

    def parameters(self, run: Run) -> dict[str, str]:
        parameters = cognito_parameters(run.target, run.public_url)
        return {**parameters, "PermissionsBoundary": run.boundary}

    def keep_outputs(self, run: Run, outputs: Mapping[str, str]) -> None:
        run.pool = outputs

    def preview(self, run: Run) -> list[str]:
        retained = find_retained_pool(run.target)
        lines = super().preview(run)
        if retained is None:
            return lines
        new_pool = "Add UserPool (AWS::Cognito::UserPool)"
        return [f"Import the user pool {retained}", *(line for line in lines if line != new_pool)]

    def apply(self, run: Run) -> list[str]:
        changes = []
        if pool_id := find_retained_pool(run.target):
            adopt_pool(run.target, pool_id, self.parameters(run))
            changes.append("the user pool that was kept, which is used again")
        return [*changes, *super().apply(run)]

    def status(self, target: Target) -> list[str]:
        lines = super().status(target)
        pool_id = target.resource_id(target.stage.cognito_stack, "UserPool")
        if pool_id:
            lines += status_lines(target.client("cognito-idp"), pool_id)
        return lines

    def destroy(self, target: Target) -> list[str]:
        super().destroy(target)
        if not target.stage.production:
            delete_pools(target)
        return _kept_lines(target)


def cognito_parameters(target: Target, public_url: str) -> dict[str, str]:
    """Return the parameters of infra/cognito.yaml, checked."""
    account = target.client("sts").get_caller_identity()["Account"]
    parameters = {
        # A prefix must be unique over all AWS accounts.
        "DomainPrefix": f"{target.stage.function_name}-{account}",
        "CallbackUrls": f"{public_url}/accounts/callback/",
        "LogoutUrls": f"{public_url}/accounts/logged-out/",
        # These are placeholders until the stage names an application for the public client.
        "AppCallbackUrls": f"{public_url}/api/v1/docs/signed-in",
        "AppLogoutUrls": f"{public_url}/",
        "DocsCallbackUrls": f"{public_url}/api/v1/docs/signed-in",  # only with docs-page
        "Runtime": target.stage.runtime,
        "Architecture": target.stage.architecture,
        "DeletionProtection": "ACTIVE" if target.stage.production else "INACTIVE",
        "IdentityProviderSecrets": target.stage.provider_secret_name,
        "PreSignUpCode": (TRIGGERS / "pre_sign_up.py").read_text("utf-8"),
        "PostConfirmationCode": (TRIGGERS / "post_confirmation.py").read_text("utf-8"),
        "PreTokenGenerationCode": (TRIGGERS / "pre_token_generation.py").read_text("utf-8"),
        # begin capability user-migration
        "UserMigrationCode": (TRIGGERS / "user_migration.py").read_text("utf-8"),
        # end capability user-migration
        "MigrationSecretName": target.stage.migration_secret_name,  # only with user-migration
        **site_parameters(target.stage.environment, public_url=public_url),
        **target.stage.cognito,
    }
    check(COGNITO_TEMPLATE, parameters)
    return parameters | _version_of_secrets(target, parameters)


def _version_of_secrets(target: Target, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return parameters that change with the secrets.

    CloudFormation reads a secret again only where something else has changed as well.
    """
    versions = {}
    if wanted := [key for name, key in PROVIDER_SECRETS.items() if parameters.get(name)]:
        versions["IdentityProviderSecretsVersion"] = _version(
            target,
            parameters["IdentityProviderSecrets"],
            wanted,
            "which holds the secrets of identity providers",
            page="docs/user-pool.md",
        )
    # begin capability user-migration
    if parameters.get("MigrationUrl"):
        versions["MigrationSecretVersion"] = _version(
            target,
            parameters["MigrationSecretName"],
            MIGRATION_SECRETS,
            "which signs the questions to the other site",
            page="docs/migrate-users.md",
        )
    # end capability user-migration
    return versions


def _version(target: Target, name: str, wanted: Sequence[str], purpose: str, *, page: str) -> str:
    """Return the version of a secret. Raises InfraError if the secret lacks a member."""
    client = target.client("secretsmanager")
    try:
        answer = client.get_secret_value(SecretId=name)
    except client.exceptions.ResourceNotFoundException as error:
        raise InfraError(
            f"Secrets Manager has no secret {name}, {purpose}. "
            f"Create it as a JSON object with {', '.join(wanted)}: {page} shows how."
        ) from error
    missing = _missing(answer["SecretString"], wanted)
    if missing:
        raise InfraError(f"The secret {name} must be a JSON object with {', '.join(missing)}.")
    return str(answer["VersionId"])


def _missing(text: str, wanted: Sequence[str]) -> Sequence[str]:
    try:
        secrets = json.loads(text)
    except ValueError:
        return wanted
    if not isinstance(secrets, dict):
        return wanted
    return [key for key in wanted if not isinstance(secrets.get(key), str) or not secrets[key]]


def _kept_lines(target: Target) -> list[str]:
    """Return what is kept, each with the commands that delete it."""
    stage, region = target.stage, target.stage.region
    kept = [
        f"The user pool {pool} is kept with its users; `deploy --stage {stage.name}` uses it "
        "again. To delete it:\n"
        f"  aws cognito-idp update-user-pool --region {region} --user-pool-id {pool} "
        "--deletion-protection INACTIVE\n"
        f"  aws cognito-idp delete-user-pool --region {region} --user-pool-id {pool}"
        for pool in find_pools(target)
    ]
    client = target.client("secretsmanager")
    kept += [
        f"The secret {name} is kept, because `deploy` did not make it. To delete it:\n"
        f"  aws secretsmanager delete-secret --region {region} --secret-id {name}"
        for name in (stage.provider_secret_name, stage.migration_secret_name)
        if has_secret(client, name)
    ]
    return kept
