"""Where a request comes from, in a way that its sender cannot choose."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The sender's IP address; None where it is not one.

    The peer of the connection or, on Lambda, what the gateway saw. Headers such as X-Forwarded-For
    have no part in it: the sender writes them.
    """
    # Without the zone of a link-local address (RFC 4007 section 11), which databases do not store.
    address, _, _ = (request.META.get("REMOTE_ADDR") or "").partition("%")
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
