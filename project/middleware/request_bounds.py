"""Limit the size of a request: its address, its headers, its cookies and its body.

The limits apply before anything else reads these parts, so that no content of a request takes more
time than its length allows. Each field has a limit of its own where it is declared.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.wire.middleware import API_PREFIX
from project.error_pages import error_page

# The longest paths contain the name of a user or a group: 128 characters, each encoded as up to 12.
MAX_PATH_CHARACTERS = 8_192
# The longest parameter is the cursor of a list (api.pagination). API Gateway accepts 10 KB in all.
MAX_QUERY_CHARACTERS = 8_192
# More than servers and gateways accept. Authorization has a limit and an error of its own.
MAX_HEADER_CHARACTERS = 16_384
# Proxies refuse an answer with headers beyond 4 KB or 8 KB in all (nginx: proxy_buffer_size).
# Redirects to the same address with a slash, or with https, repeat the query string.
MAX_LOCATION_CHARACTERS = 3_072
# Browsers do not store a longer cookie: RFC 6265bis, section 5.6.
MAX_COOKIE_CHARACTERS = 4_096
# As in the API (api.wire.parsers). No form here comes near it.
MAX_FORM_BYTES = 65_536

_UNBOUNDED_HEADERS = frozenset({"HTTP_AUTHORIZATION", "HTTP_COOKIE"})


class RequestBoundsMiddleware:
    """Refuse a request that is too long, also in a redirect, with 413, 414 or 431.

    It must be inside the middleware that shapes errors, and outside all that read cookies.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request` after removing the cookies that no browser stores."""
        status = _excess(request)
        if status is not None:
            return error_page(request, status)
        if cookies := request.META.get("HTTP_COOKIE"):
            request.META["HTTP_COOKIE"] = _plain_cookies(cookies)
        response = self.get_response(request)
        if len(response.get("Location", "")) > MAX_LOCATION_CHARACTERS:
            return error_page(request, HTTPStatus.REQUEST_URI_TOO_LONG)
        return response


def _excess(request: HttpRequest) -> HTTPStatus | None:
    """Return the status that says which part is too long, or None."""
    environ = request.META
    if len(request.path_info) > MAX_PATH_CHARACTERS:
        return HTTPStatus.REQUEST_URI_TOO_LONG
    if len(environ.get("QUERY_STRING", "")) > MAX_QUERY_CHARACTERS:
        return HTTPStatus.REQUEST_URI_TOO_LONG
    for name, value in environ.items():
        if (
            name.startswith("HTTP_")
            and name not in _UNBOUNDED_HEADERS
            and len(value) > MAX_HEADER_CHARACTERS
        ):
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    # The API's parser refuses a long body itself, after it has authenticated the caller.
    if not request.path_info.startswith(API_PREFIX) and _body_length(environ) > MAX_FORM_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return None


def _body_length(environ: dict[str, str]) -> int:
    try:
        return int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        # Django treats such a request as one without a body.
        return 0


def _plain_cookies(header: str) -> str:
    """Remove cookies that are too long or contain a backslash.

    Before version 3.11.10, Python decodes backslashes in quadratic time: 17 s for 64 KB. No cookie
    of this application contains one.
    """
    if "\\" not in header and len(header) <= MAX_COOKIE_CHARACTERS:
        return header
    return ";".join(
        cookie
        for cookie in header.split(";")
        if "\\" not in cookie and len(cookie) <= MAX_COOKIE_CHARACTERS
    )
