"""Distinguish requests of this machine's programs from those of web pages.

Any web page that a developer visits can send requests to loopback: with `fetch`, a form, an image
or a WebSocket, or under a name that its owner points to 127.0.0.1 (DNS rebinding). The browser adds
the origin of the page and the host name. A page can forge neither.

https://www.w3.org/TR/fetch-metadata/ (Sec-Fetch-Site), RFC 6454 (Origin), RFC 9110 (Host).
"""

from __future__ import annotations

import re
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = (LOOPBACK, "localhost")
DEFAULT_PORTS = {"http": 80, "https": 443}

# Browsers resolve every name under localhost to loopback, without DNS (RFC 6761, section 6.3).
_UNDER_LOCALHOST = re.compile(r"(?:[a-z0-9_-]+\.)+localhost")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_ORIGIN = re.compile(r"https?://(?P<host>[a-z0-9_.-]+)(?::[1-9][0-9]{0,4})?")


def port_of(host: str, *, default: int) -> tuple[str, int | None]:
    """Return the name and the port of a Host header, in lower case; None for a malformed port."""
    name, colon, port = host.lower().partition(":")
    if not colon:
        return name, default
    return name, int(port) if _PORT.fullmatch(port) else None


def is_loopback(host: str, *, ports: Collection[int], default_port: int = 80) -> bool:
    """Return whether a Host header names this machine, at one of `ports`."""
    name, port = port_of(host, default=default_port)
    is_name = name in LOOPBACK_NAMES or _UNDER_LOCALHOST.fullmatch(name) is not None
    return is_name and port in ports


def is_loopback_origin(origin: str | None) -> bool:
    """Return whether an Origin header names a page that this machine serves, at any port."""
    match = _ORIGIN.fullmatch(origin or "")
    return match is not None and is_loopback(match["host"], ports={DEFAULT_PORTS["http"]})


def is_from_another_site(sec_fetch_site: str | None) -> bool:
    """Return whether a browser says that a page of another origin made the request.

    `same-site` counts as another origin: all ports of localhost are one site, and any program may
    serve one of them. `none` is an address that the user typed. Programs send no such header.
    """
    return sec_fetch_site not in {None, "none", "same-origin"}
