"""Which browser applications on other origins may call the API (https://fetch.spec.whatwg.org/#http-cors-protocol).

Without credentials: such an application sends a bearer token that it holds itself, and no cookie of
ours ever goes with its requests.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult

from corsheaders.middleware import ACCESS_CONTROL_ALLOW_HEADERS, CorsMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

# Names of header fields as browsers write them in a preflight (RFC 9110 section 5.1). Tracing adds
# up to ten or so.
MAX_NAMES_CHARACTERS = 1000
_NAMES = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+(, ?[a-z0-9!#$%&'*+.^_`|~-]+)*", re.ASCII)


class ExactOriginsMiddleware(CorsMiddleware):
    """django-cors-headers, with exact origins, and any request header for those of the list.

    Libraries for tracing add headers of their own (`traceparent`, `baggage`, `sentry-trace`). A
    header that nothing here reads does no harm, and an application of the list is trusted with the
    bearer token anyway. `*` would not do: it does not stand for `Authorization`.
    """

    def add_response_headers(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the headers of CORS; a preflight of an allowed origin gets the names it asked for."""
        super().add_response_headers(request, response)
        if ACCESS_CONTROL_ALLOW_HEADERS in response.headers:
            patch_vary_headers(response, ("access-control-request-headers",))
            asked = request.headers.get("Access-Control-Request-Headers", "")
            if len(asked) <= MAX_NAMES_CHARACTERS and _NAMES.fullmatch(asked):
                names = {*settings.CORS_ALLOW_HEADERS, *re.split(", ?", asked)}
                response[ACCESS_CONTROL_ALLOW_HEADERS] = ", ".join(sorted(names))
        return response

    def origin_found_in_white_lists(self, origin: str, url: SplitResult) -> bool:
        """Whether `origin` is one of CORS_ALLOWED_ORIGINS, character by character.

        Browsers write origins in one way (RFC 6454 section 6.2): what is written in another, in
        capitals or with a path, comes from something else.
        """
        return origin in settings.CORS_ALLOWED_ORIGINS
