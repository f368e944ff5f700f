"""Which browser applications on other origins may call the API (https://fetch.spec.whatwg.org/#http-cors-protocol).

Without credentials: such an application sends a bearer token that it holds itself, and no cookie of
ours ever goes with its requests.
"""

from __future__ import annotations

from urllib.parse import SplitResult

from corsheaders.middleware import CorsMiddleware
from django.conf import settings


class ExactOriginsMiddleware(CorsMiddleware):
    """django-cors-headers, but for origins that only look like one of the list."""

    def origin_found_in_white_lists(self, origin: str, url: SplitResult) -> bool:
        """Whether `origin` is one of CORS_ALLOWED_ORIGINS, character by character.

        Browsers write origins in one way (RFC 6454 section 6.2): what is written in another, in
        capitals or with a path, comes from something else.
        """
        return origin in settings.CORS_ALLOWED_ORIGINS
