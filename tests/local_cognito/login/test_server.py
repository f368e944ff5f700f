"""The process that `make run` starts."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.errors import PortBusy
from infra.local.login_process import login_server
from infra.local.ministack import MiniStack
from infra.local.pool import Pool
from infra.local.ports import LOOPBACK, free_port
from infra.processes import Child
from tests.local_cognito.login.conftest import CALLBACK

pytestmark = pytest.mark.ministack


@pytest.fixture(scope="module")
def server(
    shared_ministack: MiniStack, pool: Pool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Child, int]]:
    log, port = tmp_path_factory.mktemp("login") / "log", free_port()
    with login_server(shared_ministack, pool, port=port, log=log) as child:
        yield child, port


def test_server_listens_on_loopback_only(server: tuple[Child, int]) -> None:
    _, port = server
    sockets = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = {row.split()[1] for row in sockets if row.split()[3] == "0A"}
    assert [local for local in listening if local.endswith(f":{port:04X}")] == [
        f"0100007F:{port:04X}"
    ]


def test_log_has_paths_but_no_query_and_no_secret(server: tuple[Child, int]) -> None:
    child, port = server
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    connection.request("GET", f"/login?redirect_uri={CALLBACK}&state=of-a-user")
    assert connection.getresponse().status == 400
    connection.close()
    with socket.create_connection((LOOPBACK, port), timeout=10) as malformed:
        malformed.sendall(b"GET /login?state=of-a-user and more HTTP/1.1\r\n\r\n")
        assert b"400" in malformed.recv(1000)
    log = child.log.read_text()
    assert "GET /login 400" in log
    assert "A request was malformed" in log
    assert "of-a-user" not in log


def test_busy_port_is_reported(
    shared_ministack: MiniStack, pool: Pool, server: tuple[Child, int], tmp_path: Path
) -> None:
    _, port = server
    with (
        pytest.raises(PortBusy, match=rf"Port {port}.*make run LOCAL_LOGIN_PORT={port + 1}"),
        login_server(shared_ministack, pool, port=port, log=tmp_path / "log"),
    ):
        pytest.fail("two servers on one port")
