"""The middleware that counts refused requests for the front page of the console."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import process

# Invalid credentials, missing rights, exceeded rate limits.
STATUSES = (401, 403, 429)


class RefusedRequestsMiddleware:
    """Counts responses that refuse a request. List it before the middleware that refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in STATUSES and not _asks_for_credentials(response):
            process.current.refusals.count(response.status_code)
        return response


def _asks_for_credentials(response: HttpResponseBase) -> bool:
    """Return whether the response is the 401 to a request without a bearer token.

    Such a request has no credentials that could be invalid (RFC 6750 section 3.1). Failed sign-ins
    get this response as well, but the audit trail records each of them.
    """
    return response.status_code == 401 and "error=" not in response.get("WWW-Authenticate", "")  # noqa: PLR2004 # the status itself is the clearest name
