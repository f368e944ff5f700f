"""What the template of the front page shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.console.audit.lines import lines_of
from accounts.console.overview import attention, charts, counts, pool_state
from accounts.console.overview.periods import RANGES, Period
from accounts.models import AuditEvent
from accounts.sessions.guards import signed_in_user

LATEST = 8


def context(request: HttpRequest) -> dict[str, Any]:
    """Return the context for an operator who may see the audit trail."""
    period = Period.ending(timezone.now(), request.GET.get("range"))
    viewer = signed_in_user(request)
    with pool_state.asking(viewer) as answer:
        found = counts.counts(period)
        counted = {
            "signed_in_now": counts.signed_in_now(),
            "figures": charts.figures(found),
            "charts": charts.charts(found),
            "latest": lines_of(AuditEvent.objects.order_by("-at", "-pk")[:LATEST]),
        }
        services = attention.services(answer())
    return {
        "period": period,
        "ranges": RANGES,
        "notices": attention.notices(services, viewer),
        "services": services,
        "version": settings.GATEHOUSE_VERSION,
        **counted,
    }
