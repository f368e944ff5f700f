"""Give every error without content a page, whichever view or middleware answers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from api.wire.middleware import API_PREFIX
from project.error_pages import error_page

# Load balancers read no pages.
WITHOUT_PAGES = frozenset({"/healthz", "/metrics", "/readyz"})


class EmptyErrorsMiddleware:
    """Add a page to an empty error, such as Django's 405. Its headers stay as they are.

    The API's errors are documents, which api.wire.middleware makes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            response.status_code >= HTTPStatus.BAD_REQUEST
            and isinstance(response, HttpResponse)
            and not response.content
            and request.path_info not in WITHOUT_PAGES
            and not request.path_info.startswith(API_PREFIX)
        ):
            page = error_page(request, response.status_code)
            response.content = page.content
            response["Content-Type"] = page["Content-Type"]
        return response
