"""An ASGI application in front of MiniStack that refuses requests of web pages.

MiniStack answers every Host and Origin and checks no signature, so a request of a web page would
count as the developer's own. The guard decides by the headers, before it reads the body. The APIs
that are deployed to MiniStack are public, as on AWS, but their hosts give access to nothing else.

Apps that call the user pool's API from a browser, as AWS Amplify does, may call the operations that
need no AWS credentials. On AWS, pages of every origin may; here, only those of this machine.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any

from local_cognito.guard import (
    DEFAULT_PORTS,
    LOOPBACK_NAMES,
    is_loopback,
    is_loopback_origin,
    port_of,
)

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SECURE_SCHEMES = ("https", "wss")
# MiniStack answers some of these before it reads anything else.
_ITS_OWN_PATHS = ("/_ministack/", "/_localstack/")
_SERVICE = "AWSCognitoIdentityProviderService"
_PREFLIGHT_HEADERS = (
    (b"access-control-allow-methods", b"POST"),
    # Each except Authorization, which would have to be named.
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"600"),
)


class Guard:
    """Pass requests of programs on to MiniStack.

    Args:
        ports: where MiniStack listens.
        is_api_host: returns whether a host name is that of a deployed API.
        is_public_operation: returns whether an operation of the user pool's API needs no AWS
            credentials.
    """

    def __init__(
        self,
        application: Application,
        *,
        ports: Collection[int],
        is_api_host: Callable[[str], bool],
        is_public_operation: Callable[[str], bool],
    ) -> None:
        self._application = application
        self._ports = ports
        self._is_api_host = is_api_host
        self._is_public_operation = is_public_operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        headers = _Headers(scope["headers"])
        default_port = DEFAULT_PORTS["https" if scope["scheme"] in _SECURE_SCHEMES else "http"]
        host = headers.only("host") or ""
        name, port = port_of(host, default=default_port)
        if name in LOOPBACK_NAMES and port in self._ports and _is_of_an_app(scope, headers):
            if scope["method"] == "OPTIONS":
                await _answer_preflight(headers, send)
                return
            service, _, operation = (headers.only("x-amz-target") or "").partition(".")
            is_public = service == _SERVICE and self._is_public_operation(operation)
            if scope["method"] == "POST" and is_public:
                await self._application(scope, receive, _with_cors(headers, send))
                return
        is_api = port in self._ports and self._is_api_host(name)
        if is_api:
            problem = _problem_at_api(scope, headers)
        elif not is_loopback(host, ports=self._ports, default_port=default_port):
            problem = "The Host header does not name localhost or 127.0.0.1 with this port."
        else:
            problem = _problem_of_page(scope, headers)
        if problem is not None:
            logger.warning("Refused a request. %s", problem)
            await _refuse(scope, send, problem)
            return
        logger.debug("Passed on: %s %s", scope.get("method", "WebSocket"), scope["path"])
        await self._application(scope, receive, send if is_api else _without_cors(send))


class _Headers:
    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._pairs = [(name.lower().decode("latin-1"), value) for name, value in pairs]

    def only(self, name: str) -> str | None:
        """Return the header's value, or None if it is missing or repeated."""
        values = [value.decode("latin-1") for other, value in self._pairs if other == name]
        return values[0].strip() if len(values) == 1 else None

    def __contains__(self, name: str) -> bool:
        return any(other == name for other, _ in self._pairs)


def _is_of_an_app(scope: Scope, headers: _Headers) -> bool:
    """Return whether a page of this machine calls an API of AWS without AWS credentials."""
    return (
        scope["type"] == "http"
        and scope["path"] == "/"
        and not scope["query_string"]
        and is_loopback_origin(headers.only("origin"))
        and "authorization" not in headers
        # Only a script can send this header, or ask for the permission to.
        and ("x-amz-target" in headers or "access-control-request-headers" in headers)
    )


def _problem_of_page(scope: Scope, headers: _Headers) -> str | None:
    for name in ("Origin", "Referer"):
        if name.lower() in headers:
            return f"It has the header {name}, which web pages send and AWS clients do not."
    # `none` is an address that the user typed. MiniStack has no page that sends further requests.
    site = headers.only("sec-fetch-site")
    if site is None and (
        "sec-fetch-site" in headers or "mozilla/" in (headers.only("user-agent") or "").lower()
    ):
        return "A browser sent it without the header Sec-Fetch-Site."
    if site not in {None, "none"}:
        return "A web page sent it (Sec-Fetch-Site)."
    # A page at an address that the user typed can redirect here, and the value stays `none`.
    if site == "none" and (scope.get("method") not in {"GET", "HEAD"} or scope["query_string"]):
        return "A browser may only read addresses without a query here."
    return None


def _problem_at_api(scope: Scope, headers: _Headers) -> str | None:
    if scope["path"].startswith(_ITS_OWN_PATHS):
        return "This is the host of an API. Use localhost for MiniStack itself."
    if scope["type"] == "websocket" and "origin" in headers:
        return "Deployed APIs accept no WebSockets of web pages."
    return None


async def _refuse(scope: Scope, send: Send, problem: str) -> None:
    if scope["type"] == "websocket":
        # The connection is not accepted yet, so the server answers 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    body = f"The local AWS refused this request. {problem}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        # The request's body is never read.
        (b"connection", b"close"),
    ]
    status = HTTPStatus.FORBIDDEN
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": body})


async def _answer_preflight(headers: _Headers, send: Send) -> None:
    allowed = [*_allowed_origin(headers), *_PREFLIGHT_HEADERS]
    await send({"type": "http.response.start", "status": 204, "headers": allowed})
    await send({"type": "http.response.body", "body": b""})


def _allowed_origin(headers: _Headers) -> list[tuple[bytes, bytes]]:
    origin = headers.only("origin") or ""
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]


def _with_cors(headers: _Headers, send: Send) -> Send:
    """Let the origin of the request read the answer, with the name of an error."""

    async def send_with_cors(message: Message) -> None:
        if "headers" in message:
            exposed = (b"access-control-expose-headers", b"x-amzn-errortype,x-amzn-requestid")
            added = [*_allowed_origin(headers), exposed]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return _without_cors(send_with_cors)


def _without_cors(send: Send) -> Send:
    """Remove the headers by which MiniStack lets every origin read its answers."""

    async def send_without_cors(message: Message) -> None:
        if "headers" in message:
            kept = [
                (name, value)
                for name, value in message["headers"]
                if not name.lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": kept}
        await send(message)

    return send_without_cors
