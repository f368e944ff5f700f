"""Compress pages, stylesheets and scripts, without telling an attacker what a page says."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# They are the same for every visitor. A deployment has them in compressed form already.
_PUBLIC = frozenset({"text/css", "text/javascript"})
# The browser says that a page of this site, or the user, has sent the request.
_OWN_REQUESTS = frozenset({"same-origin", "none"})


class CompressionMiddleware(GZipMiddleware):
    """Compress a page only if no other site has caused the request.

    An attacker who chooses a part of the address, and who sees how long the encrypted answers are,
    learns from a compressed page whether its text contains what was chosen (BREACH,
    CVE-2013-3587). For this, the attacker's page must make the user's browser send many requests,
    and the browser marks these in `Sec-Fetch-Site`, also after a redirect. A browser that does not
    send this header gets pages that are not compressed. Django's middleware also adds bytes of a
    random number.

    JSON stays as it is: answers of the API are small.

    Source: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        is_ours = request.headers.get("Sec-Fetch-Site") in _OWN_REQUESTS
        if not (kind in _PUBLIC or (kind == "text/html" and is_ours)):
            return response
        if request.method == "HEAD" or response.status_code == HTTPStatus.PARTIAL_CONTENT:
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
