"""Requests with limits."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode, urlsplit

# API Gateway itself answers within 29 seconds.
_TIMEOUT_SECONDS = 30
_MAXIMUM_BYTES = 1_000_000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def get(url: str) -> Answer:
    """Send a GET without following redirects.

    Raises:
        OSError: the server does not answer, or its answer is not HTTP.
    """
    return _send("GET", url)


def post_form(url: str, form: Mapping[str, str]) -> Answer:
    """Send a form. `get` describes the rest."""
    return _send("POST", url, urlencode(form).encode())


def _send(method: str, url: str, body: bytes | None = None) -> Answer:
    parts = urlsplit(url)
    host = parts.hostname or ""
    # Browsers resolve these names to this machine (RFC 6761, section 6.3). The C library often
    # does not.
    address = "127.0.0.1" if host.endswith(".localhost") else host
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(address, parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        headers = {"Host": parts.netloc}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = parts._replace(scheme="", netloc="").geturl()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read(_MAXIMUM_BYTES))
    except http.client.HTTPException as error:
        raise OSError(f"{url} did not answer in HTTP: {error!r}") from error
    finally:
        connection.close()
