"""Headers of every answer, among them those of Django's SecurityMiddleware."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

# Django's error pages for developers have inline styles and scripts.
_DEBUG_PAGES = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR})


def content_security_policy(
    *, form_targets: Iterable[str] = (), connect_targets: Iterable[str] = ()
) -> str:
    """Return the policy of every page: files of this site, no inline code or style, no framing.

    Args:
        form_targets: further origins to which the redirects of a form may lead.
        connect_targets: further origins that scripts may call.

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
    """Add the Content-Security-Policy, and `no-store` unless a view set Cache-Control.

    Nearly every page shows data of one user, so a view must allow caching itself. Answers of
    middleware outside of SecurityMiddleware, such as a 414, get the headers of SecurityMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._security = SecurityMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "X-Content-Type-Options" not in response:
            response = self._security.process_response(request, response)
        if not (settings.DEBUG and response.status_code in _DEBUG_PAGES):
            response.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.setdefault("Cache-Control", "no-store")
        return response
