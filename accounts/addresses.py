"""Where a request comes from, in a way that its sender cannot choose."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The sender's IP address; None where it is not one.

    The peer of the connection or, on Lambda, what the gateway saw. Headers such as X-Forwarded-For
    have no part in it: the sender writes them.
    """
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR") or ""))
    except ValueError:
        return None
