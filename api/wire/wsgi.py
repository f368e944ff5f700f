"""A WSGI handler that accepts any Content-Type, including those with which Django fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from wsgiref.types import StartResponse

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

# The longest Content-Type of a browser has a boundary of 70 characters (RFC 2046 section 5.1.1).
MAX_CONTENT_TYPE_CHARACTERS = 256


def tolerant_request(environ: dict[str, Any]) -> WSGIRequest:
    """Return a request whose Content-Type is replaced if Django cannot process it.

    When Django creates a request, it looks up the charset of Content-Type and decodes the query
    string with it. This raises for `charset=rot13`, which is not a text encoding, and for a
    thousand parameters next to any charset. At that point, Django does not yet turn exceptions into
    responses. Other charsets raise later, when a form is read. Browsers and API clients send UTF-8,
    so the request always uses UTF-8.

    A long Content-Type is always replaced, because Django parses its parameters in quadratic time.
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
    """Django's handler with tolerant requests. Call `django.setup()` before creating it."""

    request_class = staticmethod(tolerant_request)  # type: ignore[assignment] # it is only called

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Any:
        """Answer a request. Remove the body for HEAD, because Django and gunicorn do not."""
        response = super().__call__(environ, start_response)
        return _WithoutBody(response) if environ["REQUEST_METHOD"].upper() == "HEAD" else response


class _WithoutBody:
    """A response to HEAD. Closing it closes the original, as PEP 3333 requires."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        if hasattr(self._response, "close"):
            self._response.close()
