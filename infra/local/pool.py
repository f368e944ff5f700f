"""Create the user pool of the local stack from the template that creates it on AWS."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from infra.aws.provision import COGNITO_TEMPLATE, provision
from infra.aws.stacks import stack_outputs
from infra.local.migration import migration_parameters
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.site import site_parameters

STACK_NAME = "gatehouse-local"
# The default address of a developer's own browser application.
APP_URL = "http://localhost:3000"
# local_cognito/aws/issuers.py writes the value of this tag into the pool's tokens, as `iss`.
_ISSUER_TAG = "gatehouse:issuer"


@dataclass(frozen=True)
class Pool:
    """The values of a user pool that the application's environment needs."""

    user_pool_id: str
    issuer: str
    web_client_id: str
    web_client_secret: str = field(repr=False)
    app_client_id: str
    docs_client_id: str  # only with docs-page
    machine_client_id: str
    app_url: str = APP_URL


def provision_pool(
    ministack: MiniStack, *, public_url: str, app_url: str = APP_URL, login_url: str | None = None
) -> Pool:
    """Create or update the pool. Raises ProvisionError.

    Args:
        public_url: the application's address without a slash at the end. Cognito sends browsers
            back to it.
        app_url: the same of the developer's own application.
        login_url: the address of the local hosted UI, which serves the pool's discovery document
            below its issuer. Without it, tokens name the pool's issuer on AWS, where no such pool
            exists.
    """
    _reset_inconsistent_state(ministack)
    outputs = provision(
        ministack.cloudformation(),
        stack_name=STACK_NAME,
        template=COGNITO_TEMPLATE,
        parameters={
            "DomainPrefix": STACK_NAME,
            "CallbackUrls": f"{public_url}/accounts/callback/",
            "LogoutUrls": f"{public_url}/accounts/logged-out/",
            "AppCallbackUrls": f"{app_url}/callback",
            "AppLogoutUrls": f"{app_url}/",
            "DocsCallbackUrls": f"{public_url}/api/v1/docs/signed-in",  # only with docs-page
            # Codes by e-mail go to the local mailbox, without SES.
            "EmailCodes": "true",
            **site_parameters(os.environ, public_url=public_url),
            **migration_parameters(ministack, os.environ),  # only with user-migration
        },
        timeout_seconds=60,
        poll_seconds=0.05,
    ).outputs
    # The secret is not an output of the stack, because more people may read outputs.
    client = ministack.cognito().describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs["WebClientId"]
    )["UserPoolClient"]
    issuer = outputs["Issuer"]
    if login_url is not None:
        issuer = f"{login_url}/{outputs['UserPoolId']}"
        _name_issuer(ministack, outputs["UserPoolId"], issuer)
    return Pool(
        user_pool_id=outputs["UserPoolId"],
        issuer=issuer,
        web_client_id=outputs["WebClientId"],
        web_client_secret=client["ClientSecret"],
        app_client_id=outputs["AppClientId"],
        docs_client_id=outputs["DocsClientId"],  # only with docs-page
        machine_client_id=outputs["MachineClientId"],
        app_url=app_url,
    )


def application_environment(
    ministack: MiniStack, pool: Pool, *, public_url: str, login_url: str, database_url: str
) -> dict[str, str]:
    """Return the variables that the application reads: docs/configuration.md."""
    return _environment(
        ministack.endpoint_url,
        pool,
        public_url=public_url,
        login_url=login_url,
        database_url=database_url,
    )


def _environment(
    aws_url: str, pool: Pool, *, public_url: str, login_url: str, database_url: str
) -> dict[str, str]:
    clients, first_party = [pool.app_client_id, pool.machine_client_id], [pool.web_client_id]
    # begin capability docs-page
    clients.append(pool.docs_client_id)
    first_party.append(pool.docs_client_id)
    # end capability docs-page
    return {
        "DJANGO_DEBUG": "true",
        "PUBLIC_URL": public_url,
        "DATABASE_URL": database_url,
        "COGNITO_REGION": REGION,
        "COGNITO_USER_POOL_ID": pool.user_pool_id,
        "COGNITO_CLIENT_ID": pool.web_client_id,
        "COGNITO_CLIENT_SECRET": pool.web_client_secret,
        "COGNITO_API_CLIENT_IDS": ",".join(clients),
        "COGNITO_FIRST_PARTY_CLIENT_IDS": ",".join(first_party),
        "COGNITO_DOCS_CLIENT_ID": pool.docs_client_id,  # only with docs-page
        "CORS_ALLOWED_ORIGINS": pool.app_url,
        "COGNITO_DOMAIN": login_url,
        # The local hosted UI is the issuer, but MiniStack serves the keys.
        "COGNITO_ISSUER": pool.issuer,
        "COGNITO_JWKS_URL": f"{aws_url}/{pool.user_pool_id}/.well-known/jwks.json",
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }


def environment_before_first_run(database_url: str) -> dict[str, str]:
    """Return the variables before there is a user pool, with the default ports of `make run`."""
    pool = Pool(
        user_pool_id=f"{REGION}_NotStarted",
        issuer=f"http://localhost:4567/{REGION}_NotStarted",
        web_client_id="web",
        web_client_secret="web",  # noqa: S106 - the client does not exist
        app_client_id="app",
        docs_client_id="docs",  # only with docs-page
        machine_client_id="machine",
    )
    return _environment(
        "http://127.0.0.1:4566",
        pool,
        public_url="http://localhost:8000",
        login_url="http://localhost:4567",
        database_url=database_url,
    )


def _name_issuer(ministack: MiniStack, user_pool_id: str, issuer: str) -> None:
    cognito = ministack.cognito()
    arn = cognito.describe_user_pool(UserPoolId=user_pool_id)["UserPool"]["Arn"]
    cognito.tag_resource(ResourceArn=arn, Tags={_ISSUER_TAG: issuer})


def _reset_inconsistent_state(ministack: MiniStack) -> None:
    """Reset MiniStack if it has a stack without its pool, or the reverse.

    That happens when it is killed while it saves its state.
    """
    listed = ministack.cognito().list_user_pools(MaxResults=60)["UserPools"]
    existing = {pool["Id"] for pool in listed if pool["Name"] == STACK_NAME}
    outputs = stack_outputs(ministack.cloudformation(), STACK_NAME)
    expected = {outputs["UserPoolId"]} if outputs else set()
    if existing != expected:
        ministack.reset()
