"""Send requests to the whole application, with middleware and signals, but without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.handlers.wsgi import WSGIHandler

ENVIRON: dict[str, Any] = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "QUERY_STRING": "",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "localhost:8000",
    "HTTP_ACCEPT": "*/*",
    "HTTP_USER_AGENT": "bench",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": io.StringIO(),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def start_response(*_: Any) -> Callable[[bytes], object]:
    """Ignore the status and headers, which are also in the response object."""
    return lambda _: None


def get(
    application: WSGIHandler, path: str, *, status: int = HTTPStatus.OK
) -> Callable[[str], bytes]:
    """Return a function that sends `GET path` with a bearer token and requires the status."""

    def send(token: str) -> bytes:
        environ = ENVIRON | {
            "PATH_INFO": path,
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "wsgi.input": io.BytesIO(),
        }
        response = application(environ, start_response)
        body = b"".join(response)
        response.close()
        if response.status_code != status:
            raise AssertionError(f"GET {path} returned {response.status_code}: {body.decode()}")
        return body

    return send
