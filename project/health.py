"""Tell load balancers and operators whether the process is alive, and whether it can work."""

from __future__ import annotations

from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts import readiness
from cognito import deadlines


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process answers at all. Ask no dependency."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200, or 503 with the names of what is unavailable: `database`, `keys`."""
    checks = {}
    # Each check has a deadline of its own, so that one that hangs does not fail the other.
    for name, passes in (("database", _database_answers), ("keys", readiness.keys_are_known)):
        with deadlines.running(deadlines.HEALTH):
            checks[name] = passes()
    body = {name: "ok" if passed else "unavailable" for name, passed in checks.items()}
    return JsonResponse(body, status=200 if all(checks.values()) else 503)


def _database_answers() -> bool:
    try:
        readiness.database_milliseconds()
    except DatabaseFailure:
        return False
    return True
