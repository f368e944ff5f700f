from __future__ import annotations

import socket

import pytest

from infra.errors import InfraError, PortBusy
from infra.local.ports import LOOPBACK, free_port, require_free, require_ports_to_run


def test_a_free_port_passes() -> None:
    require_free(free_port(), purpose="the example", remedy="make example")


def test_two_free_ports_are_what_running_takes() -> None:
    require_ports_to_run(free_port(), free_port())


@pytest.mark.parametrize("address", [LOOPBACK, "0.0.0.0"])
def test_a_busy_port_is_named_with_what_to_do(address: str) -> None:
    with socket.socket() as other:
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortBusy, match=rf"Port {port}.*make run PORT={port + 1}"):
            require_ports_to_run(port, free_port())
        with pytest.raises(PortBusy, match=rf"Port {port}.*make run LOCAL_AWS_PORT={port + 1}"):
            require_ports_to_run(free_port(), port)


def test_one_port_cannot_serve_two() -> None:
    port = free_port()
    with pytest.raises(InfraError, match="PORT and LOCAL_AWS_PORT"):
        require_ports_to_run(port, port)
