"""The address to which the file of an import job is sent, with PUT, as to AWS's S3.

It is behind the guard, like everything at this port. Its path contains a secret.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from local_cognito.aws.guard import Application, Receive, Scope, Send
from local_cognito.aws.user_import.jobs import MAXIMUM_FILE_BYTES

PREFIX = "/_local_cognito/user-import/"

# Takes the secret of the path and the file, and returns whether a job waits for it.
Accept = Callable[[str, bytes], bool]


def with_uploads(application: Application, accept: Accept) -> Application:
    """Return an application that answers this path, and passes other requests on."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await application(scope, receive, send)
            return
        if scope["method"] != "PUT":
            await _answer(send, HTTPStatus.METHOD_NOT_ALLOWED)
            return
        content = await _body(receive)
        if content is None:
            await _answer(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        accepted = accept(scope["path"].removeprefix(PREFIX), content)
        await _answer(send, HTTPStatus.OK if accepted else HTTPStatus.FORBIDDEN)

    return answer


async def _body(receive: Receive) -> bytes | None:
    """Return the body, or None if it is too large."""
    parts, size = [], 0
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > MAXIMUM_FILE_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: HTTPStatus) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
