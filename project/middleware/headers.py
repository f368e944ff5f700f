"""Headers that every answer carries, beyond those of Django's SecurityMiddleware."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Django's own error pages for developers have their styles and scripts inline.
_DEBUG_PAGES = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR})


def content_security_policy(
    *, form_targets: Iterable[str] = (), connect_targets: Iterable[str] = ()
) -> str:
    """The policy of every page: our own files, no inline code or style, nobody's frame.

    Args:
        form_targets: origins, besides our own, where a form's redirects may end.
        connect_targets: origins, besides our own, that scripts may call.

    Source: Content Security Policy Level 3, https://www.w3.org/TR/CSP3/
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            " ".join(["connect-src 'self'", *connect_targets]),
            " ".join(["form-action 'self'", *form_targets]),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


class ResponseHeadersMiddleware:
    """Adds the Content-Security-Policy, and `no-store` wherever a view said nothing of caching.

    Nearly every page here is somebody's; a page that may be cached has to say so itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in _DEBUG_PAGES):
            response.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.setdefault("Cache-Control", "no-store")
        return response
