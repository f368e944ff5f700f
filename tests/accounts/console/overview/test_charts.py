"""The charts and figures of the front page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from django.utils import translation

from accounts.console.audit import filters
from accounts.console.audit.admin import AuditEventAdmin
from accounts.console.overview import charts, plans
from accounts.console.overview.charts import Chart, Figure
from accounts.console.overview.counts import Counts
from accounts.console.overview.periods import RANGES, Period

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
NOON = NOW.replace(minute=0)
HOUR = timedelta(hours=1)


def found(key: str = "24h", **numbers: int) -> Counts:
    """Return counts of the last slot."""
    counts = Counts(Period.ending(NOW, key), recorded_since=NOW - timedelta(days=400))
    for series, number in numbers.items():
        counts.slots[series, counts.period.slots[-1]] = number
    return counts


def chart(counts: Counts, key: str = "sign-ins") -> Chart:
    return next(one for one in charts.charts(counts) if one.plan.key == key)


def test_bars_are_stacked_and_reach_the_scale() -> None:
    drawn = chart(found(sign_ins=15, failed_sign_ins=5))
    assert drawn.scale == ["20", "10", "0"]
    successes, failures = drawn.parts
    assert (successes.y, successes.height) == (32, 96)
    assert (failures.y, failures.height) == (0, 32)
    assert (successes.is_lowest, failures.is_lowest) == (True, False)
    assert successes.label == "Fri 20 Nov, 12:00 to 13:00: 15 · Successful"


def test_small_number_next_to_a_large_one_has_a_visible_bar() -> None:
    counts = found(sign_ins=100_000)
    counts.slots["sign_ins", NOON - HOUR] = 1
    small, large = chart(counts).parts
    assert (small.height, large.height) == (2, 128)
    assert small.place != large.place


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 20), (60, 60), (61, 80), (1234, 2000)],
)
def test_scale_ends_at_an_even_round_number(highest: int, top: int) -> None:
    assert charts.nice_top(highest) == top


def test_every_scale_contains_its_highest_bar_and_has_a_whole_middle() -> None:
    for highest in range(1, 20_000, 7):
        top = charts.nice_top(highest)
        assert top >= highest
        assert top % 2 == 0
        assert top <= max(4, 2.5 * highest)


def test_chart_without_events_says_so() -> None:
    assert chart(found()).is_empty
    assert not chart(found(failed_sign_ins=1)).is_empty


def test_table_has_the_numbers_and_links_of_the_bars_newest_first() -> None:
    counts = found(sign_ins=3, failed_sign_ins=1)
    counts.slots["sign_ins", NOON - 2 * HOUR] = 2
    drawn = chart(counts)
    assert [row.slot for row in drawn.rows] == [
        "Fri 20 Nov, 12:00 to 13:00",
        "Fri 20 Nov, 10:00 to 11:00",
    ]
    assert [[number for number, _ in row.cells] for row in drawn.rows] == [[3, 1], [2, 0]]
    links = {query for row in drawn.rows for number, query in row.cells if number}
    assert links == {part.query for part in drawn.parts}


@pytest.mark.parametrize(
    ("key", "begin", "end"),
    [
        ("24h", "2026-11-20T12:00", "2026-11-20T13:00"),
        ("14d", "2026-11-20", "2026-11-20"),
        ("90d", "2026-11-14", "2026-11-20"),
    ],
)
def test_bar_links_to_the_events_of_its_time(key: str, begin: str, end: str) -> None:
    (part,) = chart(found(key, failed_sign_ins=1)).parts
    assert parse_qsl(part.query) == [
        ("action__exact", "sign_in"),
        ("outcome__exact", "failure"),
        ("from", begin),
        ("until", end),
    ]
    last = Period.ending(NOW, key)
    assert filters.moment(begin) == last.slots[-1]
    assert filters.moment(end, is_end=True) == last.end


def test_trail_accepts_the_link_of_every_series() -> None:
    for one in RANGES:
        counts = found(one.key)
        for plan in plans.PLANS:
            for series in plan.series:
                counts.slots[series.key, counts.period.slots[0]] = 1
        parts = [part for drawn in charts.charts(counts) for part in drawn.parts]
        assert len(parts) == sum(len(plan.series) for plan in plans.PLANS)
        for part in parts:
            for name, value in parse_qsl(part.query):
                assert AuditEventAdmin.lookups[name](value), part.query


@pytest.mark.parametrize(
    ("value", "before", "change", "trend"),
    [
        (1319, 1316, "+3", "up"),
        (5, None, "", "same"),
        (5, 5, "", "same"),
        (8, 5, "+3", "up"),
        (0, 4, "\N{MINUS SIGN}4", "down"),
        (150, 100, "+50 %", "up"),
        (64, 100, "\N{MINUS SIGN}36 %", "down"),
        (5000, 20, "+24,900 %", "up"),
    ],
)
def test_change_is_a_percentage_unless_the_number_before_is_small(
    value: int, before: int | None, change: str, trend: str
) -> None:
    figure = Figure("Sign-ins", value, before=before)
    assert (figure.change, figure.trend) == (change, trend)


def test_only_a_rise_of_something_bad_is_worse() -> None:
    counts = found(failed_sign_ins=9, sign_ins=9)
    counts.before.update(failed_sign_ins=3, sign_ins=3, other_failures=2)
    worse = {str(one.title): one.is_worse for one in charts.figures(counts)}
    assert worse == {
        "Sign-ins": False,
        "Failed sign-ins": True,
        "New users": False,
        "Other failures": False,
        "Refused requests": False,
    }


def test_numbers_have_the_separator_of_the_language() -> None:
    figure = Figure("Sign-ins", 12_345, before=2_000)
    assert (figure.shown, figure.shown_before) == ("12,345", "2,000")
    with translation.override("de"):
        assert (figure.shown, figure.shown_before) == ("12.345", "2.000")
        assert Figure("Sign-ins", 0, before=1_000_000).change == "\N{MINUS SIGN}100 %"
