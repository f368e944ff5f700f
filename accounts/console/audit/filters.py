"""The filters of the audit trail: selects for action and outcome, and a range of times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.console.declared_lookups import YEARS
from accounts.models import AuditEvent

FROM, UNTIL, WITHOUT = "from", "until", "without"


class TimeRange(admin.ListFilter):
    """Filters by `from` and `until`, each a day or a minute in UTC.

    A last day is included, and a last minute is not: `until=2026-11-28` means to the end of the
    day, and `until=2026-11-28T15:00` before that minute.
    """

    title = _("time")

    def __init__(self, request: HttpRequest, params: dict[str, Any], *args: Any) -> None:
        super().__init__(request, params, *args)
        for name in (FROM, UNTIL):
            # Django passes a list of all values, and refuses repeated ones elsewhere.
            if values := params.pop(name, None):
                self.used_parameters[name] = values[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [FROM, UNTIL]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield from ()

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        begin, end = self.used_parameters.get(FROM), self.used_parameters.get(UNTIL)
        if begin is not None:
            queryset = queryset.filter(at__gte=moment(str(begin)))
        if end is not None:
            queryset = queryset.filter(at__lt=moment(str(end), is_end=True))
        return queryset


class Without(admin.SimpleListFilter):
    """Leaves one action out. The chart of other failures links to it."""

    title = _("left out")
    parameter_name = WITHOUT

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AuditEvent.Action.choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        value = self.value()
        if value is None:
            return queryset
        return queryset.exclude(action=value)


def is_moment(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True


def moment(text: str, *, is_end: bool = False) -> datetime:
    """Return a time of the address, in UTC. Raises ValueError if it is malformed.

    Args:
        is_end: return the end of a day instead of its beginning.
    """
    day = parse_date(text)
    found = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(text)
    if found is None or found.year not in YEARS:
        raise ValueError("malformed time")
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found + timedelta(days=1) if day and is_end else found
