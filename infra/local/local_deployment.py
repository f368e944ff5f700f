"""`make deploy-local`: the deployment, to the local AWS instead of the real one.

The same steps, templates, bundle and Zappa. What differs is where the API answers, the database
(PostgreSQL on this machine) and the pages that people sign in on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from botocore.config import Config

from infra.aws.stacks import stack_outputs
from infra.deploy.bundle.bundle import Bundle
from infra.deploy.deployment import Deployed, deploy
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.local.demo import DEMO_PASSWORD, DEMO_USERS
from infra.local.login_process import login_server
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.local.pool import Pool
from infra.processes import Child
from infra.users import ensure_user


@dataclass(frozen=True)
class LocalDeployment:
    """A stage that was deployed to a running MiniStack."""

    target: Target
    ministack: MiniStack
    directory: Path
    deployed: Deployed

    @property
    def outputs(self) -> dict[str, str]:
        """Of the Cognito stack."""
        return stack_outputs(self.ministack.cloudformation(), self.target.stage.cognito_stack)


DEV = Stage(name="dev", region=REGION)
# The local AWS gives no TLS, and so looks at none.
_CERTIFICATE = f"arn:aws:acm:{REGION}:000000000000:certificate/00000000-0000-0000-0000-000000000000"


def local_stage(
    ministack: MiniStack, name: str = "dev", *, authorizer: str = "none", domain: str | None = None
) -> Stage:
    """`domain`: a name under localhost, to have the stage at its root."""
    if domain is None:
        return Stage(name, REGION, authorizer=authorizer)
    return Stage(
        name,
        REGION,
        public_url=f"http://{domain}:{ministack.port}",
        certificate=_CERTIFICATE,
        authorizer=authorizer,
    )


def local_target(ministack: MiniStack, *, login_url: str, stage: Stage = DEV) -> Target:
    """`login_url`: of the local sign-in service, which may be started later."""
    return Target(
        stage=stage,
        variables={
            "AWS_ENDPOINT_URL": ministack.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
            # Proxies do not know the way from this machine to itself.
            "NO_PROXY": "localhost,127.0.0.1",
        },
        # Browsers find every name under localhost on this machine (RFC 6761, section 6.3).
        api_url_pattern=f"http://{{api_id}}.execute-api.localhost:{ministack.port}/{{stage}}",
        key_set_url_pattern=ministack.endpoint_url + "/{user_pool_id}/.well-known/jwks.json",
        settings={
            "COGNITO_DOMAIN": login_url,
            "AWS_ENDPOINT_URL": ministack.endpoint_url,
        },
        polling_seconds=0.05,
    )


def deploy_locally(
    ministack: MiniStack,
    target: Target,
    directory: Path,
    *,
    database_url: str,
    bundle: Bundle | None = None,
) -> LocalDeployment:
    """Deploy, and have the demo users. Arguments as for `deploy`. Raises InfraError."""
    deployed = deploy(
        target,
        directory,
        database_url=database_url,
        bundle=bundle,
        after_update=None if target.stage.has_gateway else lambda: _pass_on_binary(target),
    )
    local = LocalDeployment(target, ministack, directory, deployed)
    cognito = ministack.cognito()
    for user in DEMO_USERS:
        ensure_user(
            cognito,
            user_pool_id=local.outputs["UserPoolId"],
            email=user.email,
            password=DEMO_PASSWORD,
            groups=user.groups,
            name=user.name,
        )
    return local


def _pass_on_binary(target: Target) -> None:
    """Have MiniStack pass on base64 as bytes. It takes the media type that Zappa adds for a name.

    It wants a list where AWS, and so boto3, want text.
    """
    client = target.client("apigateway", Config(parameter_validation=False))
    client.update_rest_api(
        restApiId=target.api_id(),
        patchOperations=[{"op": "replace", "path": "/binaryMediaTypes", "value": ["*/*"]}],
    )


@contextmanager
def login_pages(local: LocalDeployment, *, port: int, log: Path) -> Iterator[Child]:
    """The pages on which people sign in to it, for as long as the block runs."""
    outputs = local.outputs
    client = local.ministack.cognito().describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs["WebClientId"]
    )["UserPoolClient"]
    pool = Pool(
        user_pool_id=outputs["UserPoolId"],
        issuer=outputs["Issuer"],
        web_client_id=outputs["WebClientId"],
        web_client_secret=client["ClientSecret"],
        app_client_id=outputs["AppClientId"],
        docs_client_id=outputs["DocsClientId"],
        machine_client_id=outputs["MachineClientId"],
        app_url=local.deployed.public_url,
    )
    with login_server(local.ministack, pool, port=port, log=log) as child:
        yield child
