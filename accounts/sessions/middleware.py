"""Validate the browser session, and refresh its rights, on each request of a page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.sessions import validation
from accounts.site_paths import own_path

_SAME_FOR_ALL = ("healthz", "metrics", "readyz", "site.css", "site.svg")
_FOLDERS = ("api/", "styles/")


class BrowserSessionMiddleware:
    """End sessions that have expired or lost their device row, and renew the others when due.

    A request without a session cookie causes no query. Neither does a request of the API, whose
    views use bearer tokens, unless a view uses `request.user` of Django: a project can have such
    views at these paths, and a session that has ended must not sign a user in there either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            if _needs_no_session(request):
                validation.postpone(request)
            else:
                validation.validate(request)
        return self.get_response(request)


def _needs_no_session(request: HttpRequest) -> bool:
    """Return whether the path is of the API, a health check, or the site's colours and icon."""
    path = request.path_info
    return path.startswith(tuple(map(own_path, _FOLDERS))) or path in map(own_path, _SAME_FOR_ALL)
