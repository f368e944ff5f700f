"""Run the application in a separate process, with PostgreSQL and the misbehaving provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from infra.local import django
from infra.local.ministack import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from infra.local.ports import free_port
from infra.local.postgresql import postgresql
from tests.support.environment import VARIABLES
from tests.support.provider.provider import Provider
from tests.support.provider.server import Server

SUPERUSERS = "admins"


@dataclass(frozen=True)
class Deployment:
    """The running application, its database and its provider."""

    public_url: str
    database_url: str
    provider: Provider

    def query(self, statement: sql.SQL | sql.Composed) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def running(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    directory = tmp_path_factory.mktemp("races")
    with running_on(postgresql_url, directory) as deployment:
        yield deployment


@contextmanager
def running_on(database_url: str, directory: Path) -> Iterator[Deployment]:
    """Run the application on the given empty database, with a provider of its own."""
    port = free_port()
    public_url = f"http://localhost:{port}"
    with Server().running() as server:
        provider = Provider(server, public_url)
        environment = {
            **VARIABLES,
            **provider.variables,
            "DJANGO_DEBUG": "true",
            "DATABASE_URL": database_url,
            "COGNITO_SUPERUSER_GROUPS": SUPERUSERS,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }
        django.migrate(environment, log=directory / "migrate.log")
        with (
            server.serving(provider),
            django.server(environment, port=port, log=directory / "django.log", reload=False),
        ):
            yield Deployment(public_url, database_url, provider)


@pytest.fixture
def deployment(running: Deployment) -> Deployment:
    """Return the deployment without users, with a provider that behaves correctly."""
    running.provider.behave()
    running.provider.received.clear()
    running.provider.pool.rotates = False
    running.provider.pool.people.clear()
    running.query(sql.SQL("TRUNCATE accounts_user, accounts_usedlogin CASCADE"))
    return running
