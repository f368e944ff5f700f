"""Deploy to the local AWS: `make deploy-local`.

The steps, templates, bundle and Zappa are those of a deployment to AWS. The address of the API, the
database (PostgreSQL on this machine) and the sign-in pages differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from botocore.config import Config

from infra.aws.stacks import stack_outputs
from infra.deploy.bundle.bundle import Bundle
from infra.deploy.bundle.packages import HERE
from infra.deploy.deployment import Deployed, deploy
from infra.deploy.stage.stage import RUNTIMES_WITH_SNAPSHOTS, Stage
from infra.deploy.stage.target import Target
from infra.errors import InfraError
from infra.local.demo import DEMO_PASSWORD, DEMO_USERS
from infra.local.login_process import login_server
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.local.pool import Pool
from infra.processes import Child
from infra.users import ensure_user


@dataclass(frozen=True)
class LocalDeployment:
    """A stage that is deployed to a running MiniStack."""

    target: Target
    ministack: MiniStack
    directory: Path
    deployed: Deployed

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the Cognito stack."""
        return stack_outputs(self.ministack.cloudformation(), self.target.stage.cognito_stack)


# MiniStack runs functions with the Python of this machine.
DEV = Stage(name="dev", region=REGION, runtime=HERE.name, architecture=HERE.architecture)
# The local AWS has no TLS and does not look the certificate up.
_CERTIFICATE = f"arn:aws:acm:{REGION}:000000000000:certificate/00000000-0000-0000-0000-000000000000"


def local_stage(
    ministack: MiniStack, name: str = "dev", *, domain: str | None = None, **settings: Any
) -> Stage:
    """Return a stage with these settings.

    Args:
        domain: a name under localhost, for `public_url`; the stage is then at its root.

    Raises:
        InfraError: the stage has snap_start, and its runtime has no snapshots.
    """
    stage = replace(DEV, name=name, **settings)
    if stage.snap_start and stage.runtime not in RUNTIMES_WITH_SNAPSHOTS:
        raise InfraError(
            "snap_start needs Python 3.12 or newer, and the local AWS runs the Python of .venvs. "
            "Replace it: make deploy-local PYTHON=python3.13"
        )
    if domain is None:
        return stage
    return replace(stage, public_url=f"http://{domain}:{ministack.port}", certificate=_CERTIFICATE)


def local_target(ministack: MiniStack, *, login_url: str, stage: Stage = DEV) -> Target:
    """Return the target. The hosted UI at `login_url` may start later."""
    return Target(
        stage=stage,
        variables={
            "AWS_ENDPOINT_URL": ministack.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
            # A proxy cannot reach loopback addresses of this machine.
            "NO_PROXY": "localhost,127.0.0.1",
        },
        # Browsers resolve every name under localhost to this machine (RFC 6761, section 6.3).
        api_url_pattern=f"http://{{api_id}}.execute-api.localhost:{ministack.port}/{{stage}}",
        key_set_url_pattern=ministack.endpoint_url + "/{user_pool_id}/.well-known/jwks.json",
        settings={
            "COGNITO_DOMAIN": login_url,
            "AWS_ENDPOINT_URL": ministack.endpoint_url,
        },
        has_metric_math=False,
        polling_seconds=0.05,
    )


def deploy_stage(
    target: Target, directory: Path, *, database_url: str, bundle: Bundle | None = None
) -> Deployed:
    """Deploy, with what the local AWS needs in addition. The arguments are those of `deploy`."""
    return deploy(
        target,
        directory,
        database_url=database_url,
        bundle=bundle,
        after_update=None if target.stage.has_gateway else lambda: _pass_on_binary(target),
    )


def deploy_locally(
    ministack: MiniStack,
    target: Target,
    directory: Path,
    *,
    database_url: str,
    bundle: Bundle | None = None,
) -> LocalDeployment:
    """Deploy, and create the demo users. The arguments are those of `deploy`."""
    deployed = deploy_stage(target, directory, database_url=database_url, bundle=bundle)
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
    """Let MiniStack return base64 as bytes.

    MiniStack does not understand the media type that Zappa sets. It expects a list, where AWS and
    boto3 expect a string.
    """
    client = target.client("apigateway", Config(parameter_validation=False))
    client.update_rest_api(
        restApiId=target.api_id(),
        patchOperations=[{"op": "replace", "path": "/binaryMediaTypes", "value": ["*/*"]}],
    )


@contextmanager
def login_pages(local: LocalDeployment, *, port: int, log: Path) -> Iterator[Child]:
    """Run the sign-in pages during the block."""
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
        docs_client_id=outputs["DocsClientId"],  # only with docs-page
        machine_client_id=outputs["MachineClientId"],
        app_url=local.deployed.public_url,
    )
    with login_server(local.ministack, pool, port=port, log=log) as child:
        yield child
