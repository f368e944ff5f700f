"""Values of TRUSTED_PROXY, and the entry of X-Forwarded-For that is the visitor."""

from __future__ import annotations

import pytest

from project.environment.trusted_proxy import TrustedProxy, address_in, parse

VISITOR = "203.0.113.9"


def proxies(raw: str) -> TrustedProxy:
    parsed = parse(raw)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    "raw", ["1 10.0.0.0/8", "1 10.0.0.0/8,fd00::/8", "2 10.0.0.1, fd00::1", "1 unix", "9 unix,::1"]
)
def test_hops_and_networks_are_accepted(raw: str) -> None:
    assert proxies(raw).hops == int(raw[0])


def test_value_none_means_that_there_is_no_proxy() -> None:
    assert parse("none") is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "1",
        "true",
        "10.0.0.0/8",
        "0 10.0.0.0/8",
        "10 10.0.0.0/8",
        "-1 10.0.0.0/8",
        "1 10.0.0.1/8",
        "1 10.0.0.0/33",
        "1 proxy.example.com",
        "1 *",
        "1 10.0.0.0/8 none",
        "\u0661 10.0.0.0/8",
    ],
)
def test_invalid_trusted_proxy_is_refused_with_an_example(raw: str) -> None:
    with pytest.raises(ValueError, match=r"expected none, or .* such as 1 10\.0\.0\.0/8"):
        parse(raw)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.9", VISITOR),
        (" 203.0.113.9 ", VISITOR),
        ("203.0.113.9:4711", VISITOR),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:203.0.113.9", VISITOR),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("unix:", None),
        ("unknown", None),
        ("_hidden", None),
        ("203.0.113.9, 6.6.6.6", None),
        ("for=203.0.113.9", None),
        ("203.0.113.9:port", None),
        ("203.0.113.256", None),
        ("[203.0.113.9", None),
    ],
)
def test_address_is_read_with_port_and_brackets(text: str, address: str | None) -> None:
    parsed = address_in(text)
    assert (None if parsed is None else str(parsed)) == address


ONE, TWO = "1 10.0.0.0/8,fd00::/8", "2 10.0.0.0/8,fd00::/8"


@pytest.mark.parametrize(
    ("raw", "peer", "forwarded_for", "visitor"),
    [
        # The proxy appended the visitor. The visitor invented the entries before.
        (ONE, "10.0.0.1", "203.0.113.9", VISITOR),
        (ONE, "10.0.0.1", "6.6.6.6, 203.0.113.9", VISITOR),
        (ONE, "10.0.0.1", "10.0.0.9, 203.0.113.9:4711", VISITOR),
        (ONE, "fd00::1", "[2001:db8::1]:443", "2001:db8::1"),
        (ONE, "::ffff:10.0.0.1", "203.0.113.9", VISITOR),
        # A visitor may be in a proxy's network.
        (ONE, "10.0.0.1", "6.6.6.6, 10.0.0.7", "10.0.0.7"),
        (TWO, "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", VISITOR),
        # The visitor bypassed the outer proxy, and the inner proxy appended the visitor.
        (TWO, "10.0.0.1", "6.6.6.6, 203.0.113.9", VISITOR),
        # The entry is missing or malformed: the proxy's own address counts instead.
        (ONE, "10.0.0.1", "", "10.0.0.1"),
        (ONE, "10.0.0.1", "6.6.6.6, unknown", "10.0.0.1"),
        (ONE, "10.0.0.1", "6.6.6.6,", "10.0.0.1"),
        (TWO, "10.0.0.1", "6.6.6.6, garbage, 10.0.0.2", "10.0.0.2"),
        (TWO, "10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("1 unix", "", "6.6.6.6, 203.0.113.9", VISITOR),
        ("2 unix,10.0.0.0/8", "unix:", "6.6.6.6, 203.0.113.9, 10.0.0.2", VISITOR),
        ("1 unix", "", "garbage", ""),
        (ONE, "10.0.0.1", "6.6.6.6," * 10_000 + "203.0.113.9", VISITOR),
    ],
)
def test_visitor_is_counted_from_the_right(
    raw: str, peer: str, forwarded_for: str, visitor: str
) -> None:
    assert proxies(raw).trusts(peer)
    assert proxies(raw).visitor(peer, forwarded_for) == visitor


@pytest.mark.parametrize(
    ("raw", "peer"),
    [(ONE, VISITOR), (ONE, ""), (ONE, "unix:"), ("1 unix", "127.0.0.1"), (ONE, "11.0.0.1")],
)
def test_peer_outside_the_networks_is_not_a_proxy(raw: str, peer: str) -> None:
    assert not proxies(raw).trusts(peer)
