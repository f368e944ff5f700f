"""The numbers of the front page, from the audit trail and from the counts of refused requests.

All queries of the trail read only an index, so that their time depends on the counted events.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import Count, Q, Value
from django.utils import timezone

from accounts.cleanup import COUNTS_KEPT
from accounts.console.overview.periods import HOUR, Period
from accounts.models import AuditEvent, BrowserSession, RefusalCount

# A session that was used within this time counts as signed in now.
PRESENT = timedelta(minutes=15)

Action, Outcome = AuditEvent.Action, AuditEvent.Outcome

SIGN_INS, FAILED_SIGN_INS = "sign_ins", "failed_sign_ins"
FIRST_SIGN_INS, SIGN_UPS = "first_sign_ins", "sign_ups"
OTHER_FAILURES = "other_failures"
# By the status of the response. The keys are `refusal_counts.STATUSES`.
INVALID, DENIED, LIMITED = "invalid", "denied", "limited"
REFUSALS = {401: INVALID, 403: DENIED, 429: LIMITED}

_COUNTED = {
    Action.SIGN_IN: SIGN_INS,
    Action.FIRST_SIGN_IN: FIRST_SIGN_INS,
    Action.SIGN_UP: SIGN_UPS,
}


@dataclass(frozen=True)
class Counts:
    """Numbers of a period.

    Attributes:
        slots: by series and slot.
        before: the totals of the period before, by series.
        recorded_since: the time of the oldest event; None if there is none.
    """

    period: Period
    slots: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    recorded_since: datetime | None = None

    def total(self, *series: str) -> int:
        return sum(self.slots[one, slot] for one in series for slot in self.period.slots)

    def total_before(self, *series: str) -> int | None:
        """Return the number of the period before, or None if it is not known completely."""
        since, (begin, _) = self.known_since(*series), self.period.earlier
        is_known = since is not None and since <= begin
        return sum(self.before[one] for one in series) if is_known else None

    def known_since(self, *series: str) -> datetime | None:
        """Return from when on the numbers are known; None if nothing was recorded yet."""
        if self.recorded_since is None or REFUSAL_SERIES.isdisjoint(series):
            return self.recorded_since
        return max(self.recorded_since, self.period.now - COUNTS_KEPT)


# Parameters of a query that are replaced. No other parameter has these values.
_BEGIN, _END = datetime(1, 1, 2, tzinfo=UTC), datetime(1, 1, 3, tzinfo=UTC)
_PLACE = -1

REFUSAL_SERIES = frozenset(REFUSALS.values())


def counts(period: Period) -> Counts:
    """Count the events and the refused requests of a period, and of the period before."""
    oldest = AuditEvent.objects.order_by("at").values_list("at", flat=True).first()
    found = Counts(period, recorded_since=oldest)
    _add_events(found)
    _add_refusals(found)
    return found


def signed_in_now() -> int:
    """Return the number of browser sessions that were used within PRESENT."""
    return BrowserSession.objects.filter(last_seen_at__gt=timezone.now() - PRESENT).count()


def _add_events(found: Counts) -> None:
    """Count the events of each slot, and those of the period before.

    A query has a part for each slot, which reads one range of an index. It is faster than a query
    that groups by the hour or day, because PostgreSQL would compute that for each event.
    """
    period = found.period
    spans = [period.earlier, *((slot, period.end_of(slot)) for slot in period.slots)]
    for wanted in (
        Q(action__in=_COUNTED),
        Q(outcome=Outcome.FAILURE) & ~Q(action__in=_COUNTED),
    ):
        for place, action, outcome, number in _counted(wanted, spans):
            series = _series(action, outcome)
            if place:
                found.slots[series, period.slots[place - 1]] += number
            else:
                found.before[series] += number


def _counted(wanted: Q, spans: list[tuple[datetime, datetime]]) -> list[tuple[Any, ...]]:
    """Return the number of events in each span, with its place, by action and outcome.

    The parts differ by their parameters only. So Django compiles one of them: to compile all took
    more than half of the page's time.
    """
    part = (
        AuditEvent.objects.filter(wanted, at__gte=_BEGIN, at__lt=_END)
        .annotate(place=Value(_PLACE))
        .values_list("place", "action", "outcome")
        .annotate(number=Count("*"))
        .order_by()
    )
    connection = connections[part.db]
    statement, parameters = part.query.sql_with_params()
    adapted = connection.ops.adapt_datetimefield_value
    names = {adapted(_BEGIN): "begin", adapted(_END): "end", _PLACE: "place"}
    everything: list[Any] = []
    for place, (begin, end) in enumerate(spans):
        values = {"begin": adapted(begin), "end": adapted(end), "place": place}
        everything += [values[names[one]] if one in names else one for one in parameters]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([statement] * len(spans)), everything)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _slot_of(moment: datetime, period: Period) -> datetime:
    return period.slots[bisect_right(period.slots, moment) - 1]


def _series(action: str, outcome: str) -> str:
    if outcome == Outcome.SUCCESS:
        return _COUNTED[Action(action)]
    return FAILED_SIGN_INS if action == Action.SIGN_IN else OTHER_FAILURES


def _add_refusals(found: Counts) -> None:
    """Add the refused requests. They are counted per hour, also if the slots are days."""
    period = found.period
    begin, end = period.earlier
    rows = RefusalCount.objects.filter(hour__gte=begin).values_list("hour", "status", "count")
    for hour, status, number in rows:
        series = REFUSALS[status]
        if hour >= period.start:
            found.slots[series, _slot_of(hour, period)] += number
        # Only a part of the hour in which the earlier period ends belongs to that period. Leave
        # this hour out, because the current hour has not ended either.
        elif hour + HOUR <= end:
            found.before[series] += number
