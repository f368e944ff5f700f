"""The rules for all responses under /api/, whichever layer answers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from accounts.problem_document import CONTENT_TYPE
from accounts.site_paths import own_path
from api import problems

API_PREFIX = "/api/"

UTF8 = frozenset({"utf-8", "utf8"})

# In `request.META`: the answer depends on the session cookie, so that no cache may keep it.
COOKIE_COUNTS = "gatehouse.cookie_counts"

# The headers that decide whether the session cookie counts (api.session_authentication).
VARYING = ("Authorization", "Cookie", "Origin", "Sec-Fetch-Site")

# Headers of the body that a problem replaces.
BODY_HEADERS = ("Content-Length", "Content-Encoding", "ETag")


class ApiContractMiddleware:
    """Turn errors into problems, and refuse requests in an encoding other than UTF-8.

    Keep caches from storing an answer that depends on the session cookie.

    Place this middleware outside of all middleware that can refuse a request (hosts, CSRF, body
    size), and inside of the one that sets `request.request_id`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`. Requests outside of /api/ pass unchanged."""
        if not request.path_info.startswith(own_path(API_PREFIX[1:])):
            return self.get_response(request)
        # Django also decodes the query string with the charset of Content-Type. Some charsets, such
        # as `rot13`, are not text encodings, so that reading request.GET would cause a 500.
        if (request.content_params or {}).get("charset", "utf-8").lower() not in UTF8:
            return problems.standard_problem(415).response(request)
        response = self.get_response(request)
        if COOKIE_COUNTS in request.META:
            patch_vary_headers(response, VARYING)
            response["Cache-Control"] = "no-store"
        if (
            response.status_code >= HTTPStatus.BAD_REQUEST
            and isinstance(response, HttpResponse)
            and not _is_problem(response)
        ):
            _put_problem(request, response)
        return response


def _is_problem(response: HttpResponseBase) -> bool:
    return bool(response.headers.get("Content-Type") == CONTENT_TYPE)


def _put_problem(request: HttpRequest, response: HttpResponse) -> None:
    """Replace the body of the response. Django marks the response object once it is logged."""
    problem = problems.standard_problem(response.status_code).response(request)
    response.content = problem.content
    for name in BODY_HEADERS:
        response.headers.pop(name, None)
    response.headers["Content-Type"] = CONTENT_TYPE
