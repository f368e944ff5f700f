"""A WSGI handler that no request header can make fail before Django's error handling begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from wsgiref.types import StartResponse

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

# The longest that a browser sends has a boundary of up to 70 characters (RFC 2046, section 5.1.1).
MAX_CONTENT_TYPE_CHARACTERS = 256


def tolerant_request(environ: dict[str, Any]) -> WSGIRequest:
    """A request whose Content-Type is taken for unknown if Django cannot bear it.

    While it makes the request, Django looks up the charset that Content-Type names, and reads the
    query string with it. `charset=rot13`, which is not a text encoding, or a thousand parameters
    beside any charset raise there, where nothing turns exceptions into answers. Other spellings
    raise later, when a form is read. Browsers and our clients send UTF-8, so nothing else is tried.

    Django takes the parameters of Content-Type apart in quadratic time, so a long one is unknown
    from the start.
    """
    if len(environ.get("CONTENT_TYPE", "")) > MAX_CONTENT_TYPE_CHARACTERS:
        environ = environ | {"CONTENT_TYPE": "application/octet-stream"}
    try:
        request = WSGIRequest(environ)
    except (LookupError, ValueError, SuspiciousOperation):
        return WSGIRequest(environ | {"CONTENT_TYPE": "application/octet-stream"})
    if request.encoding is not None:
        request.encoding = "utf-8"
    return request


class TolerantHandler(WSGIHandler):
    """Django's own handler, for requests of that kind. Call `django.setup()` before it is made."""

    request_class = staticmethod(tolerant_request)  # type: ignore[assignment] # it is only called

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Any:
        """Answer a request. Django leaves the body of HEAD to the server, and gunicorn sends it."""
        response = super().__call__(environ, start_response)
        return _WithoutBody(response) if environ["REQUEST_METHOD"].upper() == "HEAD" else response


class _WithoutBody:
    """An answer to HEAD. Closing it closes the original, as PEP 3333 demands."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        if hasattr(self._response, "close"):
            self._response.close()
