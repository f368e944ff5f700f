"""Determine the address, the scheme and the host of a request before anything else reads them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.log import log_response

from accounts.client_address import client_address
from project import error_pages

# An entry point sets it if it knows the scheme for certain, as ours on Lambda does.
SCHEME_IS_KNOWN = "gatehouse.scheme_is_known"
# Probes and scrapers address a process, and not the site.
PROBE_PATHS = frozenset({"/healthz", "/metrics", "/readyz"})
# One line a minute is enough to be found, and leaves the log readable.
SECONDS_BETWEEN_WARNINGS = 60.0

logger = logging.getLogger(__name__)


class FrontMiddleware:
    """Accept what the trusted proxy says. Refuse requests for another host or without TLS.

    Without TRUSTED_PROXY, no header decides the visitor's address, the scheme or the host. The host
    of a request from the trusted proxy is always that of PUBLIC_URL: CloudFront sends the name of
    the origin, and the proxy itself distinguishes several hosts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._warn_at = {"address": -math.inf, "scheme": -math.inf}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        scheme_is_known = _believe_proxy(request)
        if request.path_info in PROBE_PATHS:
            # Load balancers, container runtimes and Prometheus cannot choose the Host header.
            request.META["HTTP_HOST"] = _public_host()
            return self.get_response(request)
        refusal = self._refusal(request, scheme_is_known=scheme_is_known)
        if refusal is not None:
            return refusal
        if client_address(request) is None:
            self._log_rarely(
                "address",
                "A request came without an IP address, so no rate limit per address applies. "
                "Behind a proxy on a Unix socket, set TRUSTED_PROXY to `1 unix`.",
            )
        return self.get_response(request)

    def _refusal(self, request: HttpRequest, *, scheme_is_known: bool) -> HttpResponse | None:
        try:
            request.get_host()
        except DisallowedHost:
            # Scanners send many of these, so each has one line and no traceback.
            refusal = (
                error_pages.other_address(request)
                if settings.DEBUG and _names_this_machine(request)
                else error_pages.bad_request(request)
            )
            log_response(
                "Not the host of PUBLIC_URL: %s", request.path, response=refusal, request=request
            )
            return refusal
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and not scheme_is_known:
            # A redirect to https would arrive here in the same way again.
            self._log_rarely(
                "scheme",
                "A request came over plain http, but PUBLIC_URL is https. If a proxy ends TLS, set "
                "TRUSTED_PROXY and have the proxy send X-Forwarded-Proto.",
            )
            return error_pages.https_required(request)
        return None

    def _log_rarely(self, about: str, message: str) -> None:
        if time.monotonic() >= self._warn_at[about]:
            self._warn_at[about] = time.monotonic() + SECONDS_BETWEEN_WARNINGS
            logger.error(message)


def _believe_proxy(request: HttpRequest) -> bool:
    """Read address, scheme and host from the trusted proxy. Return whether the scheme is known."""
    meta, proxy = request.META, settings.TRUSTED_PROXY
    peer = meta.get("REMOTE_ADDR") or ""
    if proxy is None or not proxy.trusts(peer):
        return bool(meta.get(SCHEME_IS_KNOWN))
    meta["REMOTE_ADDR"] = proxy.visitor(peer, meta.get("HTTP_X_FORWARDED_FOR", ""))
    meta["HTTP_HOST"] = _public_host()
    scheme = meta.get("HTTP_X_FORWARDED_PROTO", "").strip().lower()
    if scheme not in {"http", "https"}:
        # The header is missing, or it was sent twice and joined.
        return bool(meta.get(SCHEME_IS_KNOWN))
    meta["wsgi.url_scheme"] = scheme
    return True


def _names_this_machine(request: HttpRequest) -> bool:
    """Return whether a developer opened the address that the development server prints."""
    return request.META.get("HTTP_HOST", "").partition(":")[0] in {"127.0.0.1", "localhost"}


def _public_host() -> str:
    host: str = settings.PUBLIC_ORIGIN.partition("://")[2]
    return host
