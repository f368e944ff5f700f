from __future__ import annotations

import socket

import pytest

from infra.errors import InfraError, PortBusy
from infra.local.ports import LOOPBACK, Ports, free_port, require_free


def test_free_port_is_accepted() -> None:
    require_free(free_port(), purpose="the example", remedy="make example")


def test_three_free_ports_are_accepted() -> None:
    Ports(free_port(), free_port(), free_port()).require()


@pytest.mark.parametrize("address", [LOOPBACK, "0.0.0.0"])
def test_error_names_the_busy_port_and_the_remedy(address: str) -> None:
    with socket.socket() as other:
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]
        first, second = free_port(), free_port()
        for ports, variable in (
            (Ports(port, first, second), "PORT"),
            (Ports(first, port, second), "LOCAL_AWS_PORT"),
            (Ports(first, second, port), "LOCAL_LOGIN_PORT"),
        ):
            with pytest.raises(PortBusy, match=rf"Port {port}.*make run {variable}={port + 1}"):
                ports.require()


def test_same_port_for_two_programs_is_refused() -> None:
    port = free_port()
    with pytest.raises(InfraError, match=r"^PORT and LOCAL_AWS_PORT"):
        Ports(port, port, free_port()).require()
    with pytest.raises(InfraError, match=r"^LOCAL_AWS_PORT and LOCAL_LOGIN_PORT"):
        Ports(free_port(), port, port).require()
