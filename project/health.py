"""What a load balancer or an operator asks: is the process alive, and can it do its work?"""

from __future__ import annotations

from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts import readiness
from cognito import deadlines


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers. Touches nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the name of what is missing: `database`, `keys`."""
    checks = {}
    # Each has a time of its own, so that one that hangs does not make the other look unavailable.
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
