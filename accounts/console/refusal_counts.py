"""The middleware that counts refused requests for the front page of the console."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import process

# Invalid credentials; missing rights; too many attempts.
STATUSES = (401, 403, 429)


class RefusedRequestsMiddleware:
    """Count answers that refuse a request. Place it outside of the middleware that refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in STATUSES and not _asks_for_credentials(response):
            process.current.refusals.count(response.status_code)
        return response


def _asks_for_credentials(response: HttpResponseBase) -> bool:
    """Return whether the answer is the 401 to a request without a bearer token.

    Such a request presented nothing that could be refused (RFC 6750 section 3.1). Failed sign-ins
    are among these answers, but the audit trail has a row for each.
    """
    return response.status_code == 401 and "error=" not in response.get("WWW-Authenticate", "")  # noqa: PLR2004 # the status itself is the clearest name
