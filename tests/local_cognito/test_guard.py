from __future__ import annotations

import pytest

from local_cognito.guard import is_from_another_site, is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "localhost:4566",
        "127.0.0.1:4566",
        "LOCALHOST:4566",
        "bucket.localhost:4566",
        "12345678.execute-api.localhost:4566",
    ],
)
def test_names_of_this_machine_with_the_port_are_loopback(host: str) -> None:
    assert is_loopback(host, ports={4566})


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "localhost:",
        "localhost:4567",
        "localhost:04566",
        "localhost:4566:4566",
        "localhost:+4566",
        "localhost:٤٥٦٦",
        "localhost.:4566",
        ".localhost:4566",
        "localhost@evil.example:4566",
        "evil.example:4566",
        "localhost.evil.example:4566",
        "127.0.0.1.nip.io:4566",
        "evil-localhost:4566",
        "evil.example#.localhost:4566",
        "0.0.0.0:4566",
        "127.0.0.2:4566",
        "2130706433:4566",
        "[::1]:4566",
        "[::ffff:127.0.0.1]:4566",
        "192.168.0.2:4566",
    ],
)
def test_other_hosts_are_not_loopback(host: str) -> None:
    assert not is_loopback(host, ports={4566})


def test_host_without_a_port_means_the_default_port() -> None:
    assert is_loopback("localhost", ports={4566, 443}, default_port=443)
    assert not is_loopback("localhost", ports={4566, 443}, default_port=80)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "None", "same-origin, none"])
def test_other_ports_of_localhost_are_other_sites(site: str) -> None:
    assert is_from_another_site(site)


@pytest.mark.parametrize("site", [None, "none", "same-origin"])
def test_programs_typed_addresses_and_own_pages_are_not_another_site(site: str | None) -> None:
    assert not is_from_another_site(site)
