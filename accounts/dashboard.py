"""What the admin's front page says about the last day and the last two weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from accounts import conf
from accounts.models import AuditEvent, BrowserSession
from cognito.directory_search import Search
from cognito.errors import CognitoError

HOURS, DAYS = 24, 14
# Whoever was seen within this time is taken to be here.
PRESENT = timedelta(minutes=15)
# The page waits no longer for an answer that is only one line of it.
HEALTH_SECONDS = 1.0

BAR, GAP, HEIGHT = 8, 2, 40

Action, Outcome = AuditEvent.Action, AuditEvent.Outcome

SIGN_INS, FAILED, SIGN_UPS, REFUSALS = "Sign-ins", "Failed sign-ins", "Sign-ups", "Other failures"
SERIES = (SIGN_INS, FAILED, SIGN_UPS, REFUSALS)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart, in units of its view box, and what it stands for."""

    x: int
    y: int
    height: int
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts over time, to be drawn as SVG."""

    title: str
    total: int
    highest: int
    bars: Sequence[Bar]

    @property
    def width(self) -> int:
        return len(self.bars) * (BAR + GAP)


def charts() -> list[tuple[str, list[Chart]]]:
    """Each series per hour and per day, in two queries that read an index alone."""
    now = timezone.now().astimezone(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [hour - timedelta(hours=back) for back in reversed(range(HOURS))]
    day = hour.replace(hour=0)
    days = [day - timedelta(days=back) for back in reversed(range(DAYS))]
    per_hour = _counts(TruncHour("at", tzinfo=UTC), hours[0])
    per_day = _counts(TruncDay("at", tzinfo=UTC), days[0])
    return [
        ("The last 24 hours", [_chart(name, per_hour, hours, "%H:%M") for name in SERIES]),
        ("The last 14 days", [_chart(name, per_day, days, "%Y-%m-%d") for name in SERIES]),
    ]


def signed_in_now() -> int:
    """Browsers that were seen a moment ago."""
    return BrowserSession.objects.filter(last_seen_at__gt=timezone.now() - PRESENT).count()


def keys_are_known() -> bool:
    """Of this process, without asking for them: the first token that comes would."""
    return conf.verification_keys().has_keys


def user_pool_answers() -> bool:
    """Whether the user pool lets this application look into it."""
    directory = conf.directory()
    service = replace(directory.service, deadline_seconds=HEALTH_SECONDS)
    try:
        replace(directory, service=service).list_users(Search(), limit=1)
    except CognitoError:
        return False
    return True


def _counts(slot: TruncHour | TruncDay, since: datetime) -> Counter[tuple[str, datetime]]:
    wanted = Q(action__in=[Action.SIGN_IN, Action.SIGN_UP]) | Q(outcome=Outcome.FAILURE)
    rows = (
        AuditEvent.objects.filter(wanted, at__gte=since)
        .annotate(slot=slot)
        .values_list("slot", "action", "outcome")
        .annotate(number=Count("*"))
    )
    counts: Counter[tuple[str, datetime]] = Counter()
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
            return REFUSALS


def _chart(
    name: str, counts: Counter[tuple[str, datetime]], slots: Sequence[datetime], form: str
) -> Chart:
    numbers = [counts[name, slot] for slot in slots]
    highest = max(numbers)
    bars = []
    for place, (slot, number) in enumerate(zip(slots, numbers, strict=True)):
        # What is there can be seen, however little it is beside the rest.
        height = max(1, HEIGHT * number // highest) if number else 0
        label = f"{slot:{form}}: {number}"
        bars.append(Bar(place * (BAR + GAP), HEIGHT - height, height, label))
    return Chart(name, sum(numbers), highest, bars)
