"""Validated base URLs from the configuration."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


class InvalidBaseURL(ValueError):
    """The URL is neither absolute https nor http to this machine. The message omits the value."""


class BaseURL(NamedTuple):
    """An absolute http(s) URL without a trailing slash, such as https://example.com/dev.

    Attributes:
        scheme: `https`, or `http` for a loopback host.
        host: lower case, without port; an IPv6 address in brackets.
        port: as written, None for the scheme's own.
        path: empty, or `/` and segments; never ends in `/`.
    """

    scheme: str
    host: str
    port: int | None
    path: str

    @classmethod
    def parse(cls, raw: str) -> BaseURL:
        """Return the parsed URL. Raises InvalidBaseURL, which says what was expected."""
        expected = "expected an https URL (http for this machine only), without query or user name"
        try:
            parts = urlsplit(raw)
            port = parts.port
        except ValueError:
            raise InvalidBaseURL(expected) from None
        host = parts.hostname or ""
        is_ipv6 = ":" in host
        path = parts.path.rstrip("/")
        well_formed = (
            parts.scheme in {"http", "https"}
            # urlsplit drops tabs and line breaks silently.
            and raw.isascii()
            and raw.isprintable()
            and "@" not in parts.netloc
            and not any(mark in raw for mark in "?#\\")
            and (is_ipv6 or _HOST.fullmatch(host))
            and _PATH.fullmatch(path)
            # A browser would resolve `..` and leave the prefix.
            and not {".", ".."} & set(path.split("/"))
            and port != 0
        )
        if not well_formed:
            raise InvalidBaseURL(expected)
        url = cls(parts.scheme, f"[{host}]" if is_ipv6 else host, port, path)
        if url.scheme == "http" and not url.is_loopback:
            raise InvalidBaseURL(expected)
        return url

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers compare them (RFC 6454)."""
        default_port = {"http": 80, "https": 443}[self.scheme]
        if self.port in {None, default_port}:
            return f"{self.scheme}://{self.host}"
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def is_https(self) -> bool:
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by definition (RFC 6761 6.3, RFC 1122 3.2.1.3)."""
        host = self.host.strip("[]")
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"
