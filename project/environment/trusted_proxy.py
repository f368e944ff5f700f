"""Decide which statements of a proxy about a request to accept: the variable TRUSTED_PROXY.

A visitor can send any `X-Forwarded-For` or `X-Forwarded-Proto`. A proxy appends to the first one
and replaces the second. So only the entries that our own proxies appended are true: one for each
hop, counted from the right. `Forwarded` (RFC 7239) is not read: no load balancer of AWS sends it.

Sources:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

MAX_HOPS = 9
UNIX_SOCKET = "unix"

Network = IPv4Network | IPv6Network

# An ALB can be configured to add the port.
_ENTRY = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d{1,5})?|(?P<v4>[0-9.]+):\d{1,5}|(?P<bare>[^\[\]]+)")


class TrustedProxy(NamedTuple):
    """The proxies in front of the application.

    Attributes:
        hops: how many proxies a request passes. The last one is the peer of the connection.
        networks: the addresses of all of them.
        unix_socket: the peer connects through a Unix socket, and so has no address.
    """

    hops: int
    networks: tuple[Network, ...]
    unix_socket: bool = False

    def trusts(self, peer: str) -> bool:
        """Return whether `peer`, WSGI's REMOTE_ADDR, is one of the proxies."""
        address = address_in(peer)
        return self.unix_socket if address is None else self._includes(address)

    def visitor(self, peer: str, forwarded_for: str) -> str:
        """Return the address of the visitor whose request the trusted `peer` forwards.

        An entry counts if the proxy that wrote it is one of ours. A malformed entry ends the
        search: the visitor is then the last valid address, which is a proxy's own. Many visitors
        may share that address, but no visitor can choose it.
        """
        visitor = address_in(peer)
        for entry in reversed(forwarded_for.rsplit(",", self.hops)[-self.hops :]):
            address = address_in(entry)
            if address is None:
                break
            visitor = address
            if not self._includes(address):
                break
        return "" if visitor is None else str(visitor)

    def _includes(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


def parse(raw: str) -> TrustedProxy | None:
    """Return the proxies that `raw` describes: `none`, or hops and networks: `1 10.0.0.0/8,unix`.

    Raises ValueError for anything else.
    """
    if raw.lower() == "none":
        return None
    hops, *places = re.split(r"[\s,]+", raw.strip(" ,"))
    try:
        networks = tuple(ip_network(place) for place in places if place != UNIX_SOCKET)
    except ValueError:
        networks = ()
    unix_socket = UNIX_SOCKET in places
    if not re.fullmatch(rf"[1-{MAX_HOPS}]", hops) or not (networks or unix_socket):
        raise ValueError(
            f"expected none, or the number of proxies (1 to {MAX_HOPS}) and the networks that they "
            f"are in, such as 1 10.0.0.0/8,fd00::/8 ({UNIX_SOCKET} for a Unix socket)"
        )
    return TrustedProxy(int(hops), networks, unix_socket)


def address_in(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address in `text`, a REMOTE_ADDR or an entry of X-Forwarded-For; or None.

    A port and a zone (RFC 4007) are dropped, and an IPv4 address that a dual-stack socket shows as
    IPv6 (`::ffff:10.0.0.1`) is an IPv4 address again.
    """
    match = _ENTRY.fullmatch(text.strip())
    if match is None:
        return None
    try:
        address = ip_address((match["v6"] or match["v4"] or match["bare"]).partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
