"""A Gatehouse that was really deployed, to a MiniStack: for the tests that take `deployment`.

Made once in a run, by the code that deploys to AWS: the templates, the bundle, Zappa, PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.deploy.local import LocalDeployment, deploy_locally, local_target, login_pages
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
        local = deploy_locally(
            ministack,
            local_target(ministack, login_url=login_url),
            directory / "work",
            database_url=database_url,
        )
        with login_pages(local, port=login_port, log=directory / "login.log"):
            yield Deployment(local, database_url, login_url)
