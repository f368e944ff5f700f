"""Two servers on one database share one rate limit, also for simultaneous requests."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from infra.local import django
from infra.local.ports import free_port
from infra.processes import Child
from tests.api.auth.conftest import BODIES
from tests.races.conftest import postgresql_url
from tests.support.environment import VARIABLES
from tests.support.pool_stub import PoolStub
from tests.support.provider.server import Server

__all__ = ["postgresql_url"]

REQUESTS = 24


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gatehouse.sqlite3'}"
    url: str = request.getfixturevalue("postgresql_url")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE two_processes")
    return urlsplit(url)._replace(path="/two_processes").geturl()


@pytest.fixture
def ports(database_url: str, cognito_server: Server, tmp_path: Path) -> Iterator[list[int]]:
    """The ports of the two servers."""
    ports = [free_port(), free_port()]
    environment = VARIABLES | {
        "DJANGO_DEBUG": "true",
        "DATABASE_URL": database_url,
        "AWS_ENDPOINT_URL": cognito_server.url,
    }
    django.migrate(environment, log=tmp_path / "migrate.log")

    def server(port: int) -> AbstractContextManager[Child]:
        there = environment | {"PUBLIC_URL": f"http://localhost:{port}"}
        return django.server(there, port=port, log=tmp_path / f"{port}.log", reload=False)

    with ExitStack() as servers, ThreadPoolExecutor(len(ports)) as starters:
        for started in [starters.submit(servers.enter_context, server(port)) for port in ports]:
            started.result()
        yield ports


def sign_in(port: int) -> int:
    connection = http.client.HTTPConnection("localhost", port, timeout=20)
    try:
        body = json.dumps(BODIES["sign-in"])
        headers = {"Content-Type": "application/json", "Host": f"localhost:{port}"}
        connection.request("POST", "/api/v1/auth/sign-in", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_two_servers_share_one_limit(stub: PoolStub, ports: list[int]) -> None:
    stub.refuse("InitiateAuth", "NotAuthorizedException")
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(sign_in, ports * (REQUESTS // 2)))
    assert Counter(statuses) == {401: 5, 429: REQUESTS - 5}
    assert len(stub.calls("InitiateAuth")) == 5
