"""The numbers of the front page: which events they count, and what they cannot know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.console.overview import counts
from accounts.console.overview.counts import Counts
from accounts.console.overview.periods import RANGES, Period
from accounts.models import AuditEvent, RefusalCount

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def happened(ago: timedelta, action: str = "sign_in", outcome: str = "success") -> None:
    AuditEvent.objects.create(at=NOW - ago, action=action, outcome=outcome)


def counted(key: str) -> Counts:
    return counts.counts(Period.ending(NOW, key))


def totals(found: Counts) -> dict[str, int]:
    totals = {name: found.total(name) for name, _ in found.slots}
    return {name: total for name, total in sorted(totals.items()) if total}


def test_events_are_counted_by_hour_by_day_and_by_week(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(4):
        happened(timedelta(minutes=10))
    happened(HOUR)
    happened(DAY)
    happened(20 * DAY)
    happened(100 * DAY)
    happened(timedelta(minutes=1), outcome="failure")
    happened(timedelta(minutes=1), action="first_sign_in")
    happened(timedelta(minutes=1), action="sign_up")
    happened(timedelta(minutes=1), action="sign_up", outcome="failure")
    happened(2 * DAY, action="disable_user", outcome="failure")
    happened(timedelta(minutes=1), action="disable_user")

    with django_assert_num_queries(4):
        hours = counted("24h")
    every = {"failed_sign_ins": 1, "first_sign_ins": 1, "sign_ups": 1}
    assert totals(hours) == {**every, "other_failures": 1, "sign_ins": 5}
    assert totals(counted("14d")) == {**every, "other_failures": 2, "sign_ins": 6}
    assert totals(counted("90d")) == {**every, "other_failures": 2, "sign_ins": 7}
    noon = NOW.replace(minute=0)
    assert [hours.slots["sign_ins", noon - back * HOUR] for back in (0, 1, 2)] == [4, 1, 0]


def test_periods_have_the_length_of_their_name_and_end_with_the_current_hour_or_day() -> None:
    expected = {
        "24h": (24, datetime(2026, 11, 19, 13, tzinfo=UTC)),
        "14d": (14, datetime(2026, 11, 7, tzinfo=UTC)),
        # Thirteen weeks have 91 days, so the first bar has six.
        "90d": (13, datetime(2026, 8, 23, tzinfo=UTC)),
    }
    for one in RANGES:
        period = Period.ending(NOW, one.key)
        assert (len(period.slots), period.start) == expected[one.key]
        assert period.slots[0] == period.start
        begin, end = period.earlier
        assert (end - begin, period.start - begin) == (NOW - period.start, one.length)
        assert period.end_of(period.slots[-1]) == period.end > NOW
    weeks = Period.ending(NOW, "90d")
    assert weeks.slots[1] - weeks.slots[0] == 6 * DAY
    assert weeks.end_of(weeks.slots[0]) == weeks.slots[1]


def test_unknown_range_is_the_first_one() -> None:
    for key in (None, "", "1y", "24H"):
        assert Period.ending(NOW, key).range is RANGES[0]


def test_period_before_is_as_long_as_the_current_one_so_far() -> None:
    for ago in (timedelta(hours=24), timedelta(hours=24, minutes=20), timedelta(hours=47)):
        happened(ago)
    # In the current hour a day ago, but later than now: this time has not come yet today.
    happened(timedelta(hours=23, minutes=50))
    happened(timedelta(hours=48))
    assert counted("24h").before["sign_ins"] == 2


def test_comparison_needs_events_from_the_whole_period_before() -> None:
    happened(timedelta(hours=30))
    assert counted("24h").total_before("sign_ins") is None
    happened(timedelta(hours=49))
    assert counted("24h").total_before("sign_ins") == 1
    assert counted("14d").total_before("sign_ins") is None
    assert counted("14d").known_since("sign_ins") == NOW - timedelta(hours=49)


def test_nothing_is_known_before_the_first_event() -> None:
    found = counted("24h")
    assert (found.total("sign_ins"), found.total_before("sign_ins")) == (0, None)
    assert found.known_since("sign_ins") is None


def test_refused_requests_are_counted_by_hour_by_day_and_by_week() -> None:
    happened(400 * DAY)
    hour = NOW.replace(minute=0)
    for ago, status, count in (
        (timedelta(), 401, 5),
        (timedelta(), 429, 1),
        (23 * HOUR, 403, 2),
        (24 * HOUR, 401, 40),
        (47 * HOUR, 401, 3),
        (13 * DAY + 12 * HOUR, 401, 7),
        (13 * DAY + 13 * HOUR, 401, 1000),
    ):
        RefusalCount.objects.create(hour=hour - ago, status=status, count=count)
    hours, days, weeks = counted("24h"), counted("14d"), counted("90d")
    assert totals(hours) == {"denied": 2, "invalid": 5, "limited": 1}
    # The hour in which the period before ends belongs to it only in part.
    assert hours.total_before("invalid") == 3
    assert totals(days) == {"denied": 2, "invalid": 55, "limited": 1}
    assert days.slots["invalid", datetime(2026, 11, 7, tzinfo=UTC)] == 7
    assert totals(weeks)["invalid"] == 1055


def test_refused_requests_have_no_comparison_beyond_the_days_that_are_kept() -> None:
    happened(400 * DAY)
    assert counted("14d").total_before("invalid") == 0
    long = counted("90d")
    assert (long.total_before("invalid"), long.total_before("sign_ins")) == (None, 0)
    assert long.known_since("invalid", "denied") == NOW - 30 * DAY
