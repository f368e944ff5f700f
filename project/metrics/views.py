"""The page that Prometheus scrapes."""

from __future__ import annotations

import math
import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from accounts import process
from accounts.metrics.declared import REVOCATION_LIST_AGE
from project.metrics.prometheus import CONTENT_TYPE, exposition


@require_safe
def scrape(request: HttpRequest) -> HttpResponse:
    """Answer the figures of this process, to a caller with the token.

    Without METRICS_TOKEN the page does not exist.
    """
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    # The bytes are compared, because a header can have any character.
    if scheme.lower() != "bearer" or not constant_time_compare(
        token.encode("utf-8", "surrogateescape"), settings.METRICS_TOKEN.encode()
    ):
        return HttpResponse(
            "Send METRICS_TOKEN as a bearer token.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"},
        )
    totals = dict(process.current.metrics.totals())
    age = process.current.revocations.age_seconds
    if math.isfinite(age):
        totals[REVOCATION_LIST_AGE, ""] = [age]
    return HttpResponse(
        exposition(totals, process=str(os.getpid())),
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store"},
    )
