"""Activate the language of a request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.language.choice import language_of

# What decides about the language: caches must keep one answer for each.
VARYING = ("Accept-Language", "Cookie")
# Programs read these. Their texts are English by contract, and need no catalog.
ENGLISH_PATHS = ("/api/", "/.well-known/", "/static/", "/healthz", "/metrics", "/readyz")


class LanguageMiddleware:
    """Answer in the visitor's language, and say so to browsers and caches.

    Place it outside of all middleware that can answer with a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ENGLISH_PATHS):
            # A thread keeps the language of its last request.
            translation.deactivate_all()
            return self.get_response(request)
        language = language_of(request)
        translation.activate(language)
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page:
            response.headers.setdefault("Content-Language", language)
        # A redirect to the hosted UI names the language.
        if is_page or response.has_header("Location"):
            patch_vary_headers(response, VARYING)
        return response
