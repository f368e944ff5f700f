"""What holds for everything under /api/, whichever layer answers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import problems

API_PREFIX = "/api/"

UTF8 = frozenset({"utf-8", "utf8"})

# Headers that describe the body which a problem replaces.
BODY_HEADERS = frozenset({"content-type", "content-length", "content-encoding", "etag"})


class ApiContractMiddleware:
    """Errors are problems, and nothing is in another encoding than UTF-8.

    It belongs outside of every middleware that may refuse a request (hosts, CSRF, body size) and
    inside of the one that sets `request.request_id`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`; what is not under /api/ passes through untouched."""
        if not request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        # Django decodes the query string, too, with the charset that Content-Type names, and some
        # of those (`rot13`) are no text encodings: reading request.GET would be a 500.
        if request.content_params.get("charset", "utf-8").lower() not in UTF8:
            return problems.standard_problem(415).response(request)
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and not _is_problem(response):
            response = _as_problem(request, response)
        return response


def _is_problem(response: HttpResponseBase) -> bool:
    return bool(response.headers.get("Content-Type") == problems.CONTENT_TYPE)


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    problem = problems.standard_problem(response.status_code).response(request)
    for name, value in response.headers.items():
        if name.lower() not in BODY_HEADERS:
            problem.headers[name] = value
    problem.cookies = response.cookies
    response.close()
    return problem
