from __future__ import annotations

import socket
from pathlib import Path

import pytest

from infra.errors import PortBusy
from infra.local.ministack import MiniStack
from infra.local.ports import LOOPBACK, free_port

pytestmark = pytest.mark.ministack


def make_pool(ministack: MiniStack, name: str) -> str:
    return ministack.cognito().create_user_pool(PoolName=name)["UserPool"]["Id"]


def pool_ids(ministack: MiniStack) -> list[str]:
    return [pool["Id"] for pool in ministack.cognito().list_user_pools(MaxResults=10)["UserPools"]]


def test_state_is_kept_over_a_restart_on_another_port(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with MiniStack.started(state_dir=state) as ministack:
        pool_id = make_pool(ministack, "kept")
    with MiniStack.started(state_dir=state) as ministack:
        assert pool_ids(ministack) == [pool_id]


def test_state_is_not_kept_without_a_directory() -> None:
    with MiniStack.started() as ministack:
        make_pool(ministack, "forgotten")
    with MiniStack.started() as ministack:
        assert pool_ids(ministack) == []


def test_reset_deletes_the_saved_state_too(tmp_path: Path) -> None:
    with MiniStack.started(state_dir=tmp_path) as ministack:
        make_pool(ministack, "saved")
    with MiniStack.started(state_dir=tmp_path) as ministack:
        ministack.reset()
        assert pool_ids(ministack) == []
    with MiniStack.started(state_dir=tmp_path) as ministack:
        assert pool_ids(ministack) == []


def test_stopped_ministack_leaves_no_process_port_or_file(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with MiniStack.started(scratch=scratch) as ministack:
        child, port = ministack.child, ministack.port
        assert child.is_running()
        assert scratch.exists()
    assert not child.is_running()
    assert not scratch.exists()
    with socket.socket() as probe:
        probe.bind((LOOPBACK, port))


def test_ministack_listens_on_loopback_only(shared_ministack: MiniStack) -> None:
    listening = "0A"
    sockets = [
        line.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
    ]
    of_ministack = [
        address
        for _, address, _, state, *_ in sockets
        if state == listening and address.endswith(f":{shared_ministack.port:04X}")
    ]
    assert of_ministack == [f"0100007F:{shared_ministack.port:04X}"]


def test_error_names_the_busy_port(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(PortBusy, match=rf"Port {port}.*LOCAL_AWS_PORT={port + 1}"),
            MiniStack.started(port=port),
        ):
            pass


def test_profile_and_proxy_of_the_developer_are_ignored(
    shared_ministack: MiniStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("HTTP_PROXY", f"http://{LOOPBACK}:{free_port()}")
    assert isinstance(pool_ids(shared_ministack), list)
