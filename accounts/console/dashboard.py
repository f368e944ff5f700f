"""The counts and the current state on the admin's front page."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from accounts import conf, readiness
from accounts.models import AuditEvent, BrowserSession, RefusalCount
from cognito import deadlines
from cognito.directory.search import Search
from cognito.errors import CognitoError

HOURS, DAYS = 24, 14
# A session that was used within this time counts as signed in now.
PRESENT = timedelta(minutes=15)
BAR, GAP, HEIGHT = 8, 2, 40

Action, Outcome = AuditEvent.Action, AuditEvent.Outcome

SIGN_INS, FAILED, SIGN_UPS, FAILURES = "Sign-ins", "Failed sign-ins", "Sign-ups", "Other failures"
REFUSALS = "Refused requests"
SERIES = (SIGN_INS, FAILED, SIGN_UPS, FAILURES, REFUSALS)
# The keys are `refusal_counts.STATUSES`.
KINDS = {401: "invalid token", 403: "denied", 429: "rate limit"}

Slots = Sequence[datetime]
Counts = Counter[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart, in units of the chart's view box, and its label."""

    x: int
    y: int
    height: int
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts over time, which the template draws as SVG. `parts` breaks the total down."""

    title: str
    total: int
    highest: int
    bars: Sequence[Bar]
    parts: str = ""

    @property
    def width(self) -> int:
        return len(self.bars) * (BAR + GAP)


def charts() -> list[tuple[str, list[Chart]]]:
    """Return each series per hour and per day.

    Of the three queries, the two on audit events read only an index.
    """
    now = timezone.now().astimezone(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [hour - timedelta(hours=back) for back in reversed(range(HOURS))]
    day = hour.replace(hour=0)
    days = [day - timedelta(days=back) for back in reversed(range(DAYS))]
    refusals = list(
        RefusalCount.objects.filter(hour__gte=days[0]).values_list("hour", "status", "count")
    )
    per_hour = _counts(TruncHour("at", tzinfo=UTC), hours[0])
    per_day = _counts(TruncDay("at", tzinfo=UTC), days[0])
    return [
        ("The last 24 hours", _charts(per_hour, refusals, hours, "%H:%M")),
        ("The last 14 days", _charts(per_day, refusals, days, "%Y-%m-%d")),
    ]


def now() -> dict[str, object]:
    """Return the number of active sessions, the state of the services, and the version."""
    pool_problem = user_pool_problem()
    return {
        "signed_in_now": signed_in_now(),
        "database_milliseconds": readiness.database_milliseconds(),
        "user_pool_problem": pool_problem,
        # If the pool did not answer, do not wait for its keys as well.
        "keys_are_known": readiness.keys_are_known(may_fetch=not pool_problem),
        "version": settings.GATEHOUSE_VERSION,
    }


def signed_in_now() -> int:
    """Return the number of browser sessions that were used within PRESENT."""
    return BrowserSession.objects.filter(last_seen_at__gt=timezone.now() - PRESENT).count()


def user_pool_problem() -> str:
    """Return why this application cannot read the user pool, or "" if it can."""
    directory = conf.directory(deadline_seconds=deadlines.HEALTH_CALL_SECONDS)
    try:
        directory.list_users(Search(), limit=1)
    except CognitoError as error:
        return error.title
    return ""


def _counts(slot: TruncHour | TruncDay, since: datetime) -> Counts:
    wanted = Q(action__in=[Action.SIGN_IN, Action.SIGN_UP]) | Q(outcome=Outcome.FAILURE)
    rows = (
        AuditEvent.objects.filter(wanted, at__gte=since)
        .annotate(slot=slot)
        .values_list("slot", "action", "outcome")
        .annotate(number=Count("*"))
    )
    counts: Counts = Counter()
    for moment, action, outcome, number in rows:
        counts[_series(action, outcome), moment] += number
    return counts


def _series(action: str, outcome: str) -> str:
    match (action, outcome):
        case (Action.SIGN_IN, Outcome.SUCCESS):
            return SIGN_INS
        case (Action.SIGN_IN, _):
            return FAILED
        case (_, Outcome.SUCCESS):
            return SIGN_UPS
        case _:
            return FAILURES


def _charts(
    counts: Counts, refusals: Sequence[tuple[datetime, int, int]], slots: Slots, form: str
) -> list[Chart]:
    """Return the charts of one time span. `refusals` are per hour, also if the slots are days."""
    of_kinds: Counter[str] = Counter()
    for hour, status, number in refusals:
        if hour >= slots[0]:
            slot = slots[bisect_right(slots, hour) - 1]
            counts[REFUSALS, slot] += number
            of_kinds[KINDS[status]] += number
    charts = [_chart(name, counts, slots, form) for name in SERIES]
    parts = ", ".join(f"{kind} {of_kinds[kind]}" for kind in KINDS.values())
    return [*charts[:-1], replace(charts[-1], parts=parts)]


def _chart(name: str, counts: Counts, slots: Slots, form: str) -> Chart:
    numbers = [counts[name, slot] for slot in slots]
    highest = max(numbers)
    bars = []
    for place, (slot, number) in enumerate(zip(slots, numbers, strict=True)):
        # A small number next to a large one still gets a visible bar.
        height = max(1, HEIGHT * number // highest) if number else 0
        label = f"{slot:{form}}: {number}"
        bars.append(Bar(place * (BAR + GAP), HEIGHT - height, height, label))
    return Chart(name, sum(numbers), highest, bars)
