"""Access of browser applications on other origins to the API (CORS).

CORS is without credentials: such an application sends a bearer token that it holds itself, and the
browser adds none of our cookies. Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult

from corsheaders.middleware import ACCESS_CONTROL_ALLOW_HEADERS, CorsMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

# Names of header fields as browsers write them in a preflight (RFC 9110 section 5.1). Libraries for
# tracing add about ten at most.
MAX_NAMES_CHARACTERS = 1000
_NAMES = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+(, ?[a-z0-9!#$%&'*+.^_`|~-]+)*", re.ASCII)


class ExactOriginsMiddleware(CorsMiddleware):
    """django-cors-headers with exact origins. Listed origins may send any request header.

    Libraries for tracing add headers of their own (`traceparent`, `baggage`, `sentry-trace`). They
    do no harm, because nothing reads them and a listed application is trusted with the bearer token
    anyway. The response does not use `*`, because `*` does not cover `Authorization`.
    """

    def add_response_headers(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the CORS headers, with the header names that a listed origin asks for."""
        super().add_response_headers(request, response)
        if ACCESS_CONTROL_ALLOW_HEADERS in response.headers:
            patch_vary_headers(response, ("access-control-request-headers",))
            asked = request.headers.get("Access-Control-Request-Headers", "")
            if len(asked) <= MAX_NAMES_CHARACTERS and _NAMES.fullmatch(asked):
                names = {*settings.CORS_ALLOW_HEADERS, *re.split(", ?", asked)}
                response[ACCESS_CONTROL_ALLOW_HEADERS] = ", ".join(sorted(names))
        return response

    def origin_found_in_white_lists(self, origin: str, url: SplitResult) -> bool:
        """Return whether `origin` is exactly one of CORS_ALLOWED_ORIGINS.

        Browsers write an origin in only one way (RFC 6454 section 6.2). An origin in upper case or
        with a path does not come from a browser.
        """
        return origin in settings.CORS_ALLOWED_ORIGINS
