"""Add a page to every answer 405, because a view that refuses a method sends no content."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from project.error_pages import method_not_allowed

# Load balancers read no pages.
WITHOUT_PAGES = frozenset({"/healthz", "/readyz"})


class MethodPagesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code != HTTPStatus.METHOD_NOT_ALLOWED
            or response.content
            or request.path_info in WITHOUT_PAGES
        ):
            return response
        return method_not_allowed(request, response["Allow"])
