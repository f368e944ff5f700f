"""The address of a client, which the client cannot choose."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the client's IP address, or None without a valid one.

    It is the peer of the connection or, on Lambda, the address that the gateway reports. Only a
    trusted proxy (TRUSTED_PROXY) can change it by a header.
    """
    # Drop the zone of a link-local address (RFC 4007 section 11), which databases cannot store.
    address, _, _ = (request.META.get("REMOTE_ADDR") or "").partition("%")
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
