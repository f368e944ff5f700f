"""The application, deployed to a MiniStack, for tests with the fixture `deployment`.

It is deployed once in a test run, by the code that deploys to AWS: with the templates, the bundle,
Zappa and PostgreSQL. At the end of the run it is destroyed, and must leave nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from infra.deploy.deployment import destroy
from infra.local.inventory import everything
from infra.local.local_deployment import (
    DEV,
    LocalDeployment,
    deploy_locally,
    local_target,
    login_pages,
)
from infra.local.ministack import MiniStack
from infra.local.ports import free_port
from infra.local.postgresql import postgresql


@dataclass(frozen=True)
class Deployment:
    local: LocalDeployment
    database_url: str
    login_url: str

    @property
    def public_url(self) -> str:
        return self.local.deployed.public_url

    @property
    def bundle(self) -> Path:
        return self.local.directory / "bundle.zip"


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    directory = tmp_path_factory.mktemp("deployed")
    login_port = free_port()
    login_url = f"http://localhost:{login_port}"
    with (
        postgresql() as database_url,
        MiniStack.started(log=directory / "aws.log") as ministack,
    ):
        stage = replace(DEV, alarms="operators@example.com")
        target = local_target(ministack, login_url=login_url, stage=stage)
        before = everything(target)
        local = deploy_locally(ministack, target, directory / "work", database_url=database_url)
        with login_pages(local, port=login_port, log=directory / "login.log"):
            yield Deployment(local, database_url, login_url)
        assert destroy(target) == []
        assert everything(target) == before


def invocations(deployment: Deployment, function: str) -> int:
    """Return how often a function was started, according to its log."""
    logs = deployment.local.target.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{function}", filterPattern="START RequestId"
    )
    return sum(len(page["events"]) for page in pages)


def machine_token(deployment: Deployment, scope: str) -> str:
    ministack, out = deployment.local.ministack, deployment.local.outputs
    client = ministack.cognito().describe_user_pool_client(
        UserPoolId=out["UserPoolId"], ClientId=out["MachineClientId"]
    )["UserPoolClient"]
    answer = requests.post(
        f"{ministack.endpoint_url}/oauth2/token",
        data={"grant_type": "client_credentials", "scope": scope},
        auth=(client["ClientId"], client["ClientSecret"]),
        timeout=10,
    )
    token: str = answer.json()["access_token"]
    return token
