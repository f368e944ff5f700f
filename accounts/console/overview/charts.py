"""The figures and charts of the front page, ready for their templates.

A chart is drawn by the server as SVG. The horizontal unit of its bars is a slot, so that they fill
any width while the text keeps its size. Heights are pixels of a plot of HEIGHT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor, log10
from urllib.parse import urlencode

from django.utils.dateformat import format as date_format
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from accounts.console.overview import counts
from accounts.console.overview.counts import Counts
from accounts.console.overview.periods import DAY, Period
from accounts.console.overview.plans import (
    NEW_USERS,
    OTHER_FAILURES,
    PLANS,
    REFUSED,
    SIGN_INS,
    Plan,
    Series,
    Words,
)

HEIGHT = 128
# The width of a bar, as a part of the width of a slot.
_WIDTH = 0.75


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a bar that belongs to one series, in the slot with the number `place`.

    The lowest part of a bar can be clicked in the whole height of the plot.
    """

    tone: str
    place: int
    y: int
    height: int
    label: str
    query: str
    is_lowest: bool

    @property
    def path(self) -> str:
        """The part as a path of SVG, which is shorter than a rectangle with four attributes."""
        x = self.place + (1 - _WIDTH) / 2
        return f"M{x:.3f} {self.y}h{_WIDTH}v{self.height}h-{_WIDTH}z"


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis. On the horizontal axis, `place` is a percentage."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table behind a chart: its slot, and the number and query of each series."""

    slot: str
    cells: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    plan: Plan
    totals: Sequence[tuple[Series, str]]
    parts: Sequence[Part]
    scale: Sequence[str]
    marks: Sequence[Mark]
    rows: Sequence[Row]
    slots: int
    # The numbers of the drawing: its plot, the line in the middle, and the text of the axis.
    height: int = HEIGHT
    middle: int = HEIGHT // 2
    text_y: int = HEIGHT + 18
    svg_height: int = HEIGHT + 24

    @property
    def is_empty(self) -> bool:
        return not self.rows


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its change.

    Attributes:
        before: the number of the period before; None if it is not known.
        since: from when on the numbers are known; None if nothing was recorded.
        trend: `up`, `down` or `same`.
        is_worse: whether the change is a bad one.
    """

    title: Words
    value: int
    chart: str = ""
    before: int | None = None
    since: datetime | None = None
    is_rise_bad: bool = False

    @property
    def shown(self) -> str:
        return _grouped(self.value)

    @property
    def shown_before(self) -> str:
        return "" if self.before is None else _grouped(self.before)

    @property
    def change(self) -> str:
        """Return the change in words, for example `+12 %`, or `+3` if a percentage says little."""
        if self.before is None or self.value == self.before:
            return ""
        difference = self.value - self.before
        # Below 20, a percentage suggests a precision that the numbers do not have.
        percentage = round(100 * difference / self.before) if self.before >= 20 else 0  # noqa: PLR2004
        return f"{_signed(percentage)} %" if percentage else _signed(difference)

    @property
    def trend(self) -> str:
        if self.before is None or self.value == self.before:
            return "same"
        return "up" if self.value > self.before else "down"

    @property
    def is_worse(self) -> bool:
        return self.is_rise_bad and self.trend == "up"


def _signed(number: int) -> str:
    """Return the number with its sign, and with the character of a minus instead of a hyphen."""
    sign = "\N{MINUS SIGN}" if number < 0 else "+"
    return f"{sign}{_grouped(abs(number))}"


def _grouped(number: int) -> str:
    """Return the number with the separator of thousands of the language."""
    return f"{number:,}".replace(",", get_format("THOUSAND_SEPARATOR"))


def figures(found: Counts) -> list[Figure]:
    """Return the figures of the period with their change."""
    keys = {plan.key: plan.figure or tuple(one.key for one in plan.series) for plan in PLANS}

    def figure(plan: Plan, title: Words, *series: str, is_rise_bad: bool) -> Figure:
        return Figure(
            title,
            found.total(*series),
            plan.key,
            found.total_before(*series),
            found.known_since(*series),
            is_rise_bad,
        )

    return [
        figure(SIGN_INS, SIGN_INS.title, counts.SIGN_INS, is_rise_bad=False),
        figure(SIGN_INS, _("Failed sign-ins"), counts.FAILED_SIGN_INS, is_rise_bad=True),
        figure(NEW_USERS, NEW_USERS.title, *keys[NEW_USERS.key], is_rise_bad=False),
        figure(OTHER_FAILURES, OTHER_FAILURES.title, *keys[OTHER_FAILURES.key], is_rise_bad=True),
        figure(REFUSED, REFUSED.title, *keys[REFUSED.key], is_rise_bad=True),
    ]


def charts(found: Counts) -> list[Chart]:
    # All charts have the same slots.
    slots = [_Slot.of(found.period, begin) for begin in found.period.slots]
    return [_chart(plan, found, slots) for plan in PLANS]


@dataclass(frozen=True, slots=True)
class _Slot:
    """A slot in words, and the part of a query that limits the trail's list to its time."""

    begin: datetime
    name: str
    times: str

    @classmethod
    def of(cls, period: Period, begin: datetime) -> _Slot:
        end = period.end_of(begin)
        return cls(begin, _slot_name(period, begin, end), _times(period, begin, end))


def _chart(plan: Plan, found: Counts, slots: Sequence[_Slot]) -> Chart:
    period = found.period
    filters = {series.key: urlencode(series.query) for series in plan.series}
    sums = [sum(found.slots[one.key, slot] for one in plan.series) for slot in period.slots]
    top = nice_top(max(sums))
    parts: list[Part] = []
    rows: list[Row] = []
    for place, slot in enumerate(slots):
        if not sums[place]:
            continue
        y = HEIGHT
        cells = []
        for series in plan.series:
            number = found.slots[series.key, slot.begin]
            query = f"{filters[series.key]}&{slot.times}"
            cells.append((number, query))
            if not number:
                continue
            # A small number next to a large one still gets a visible bar.
            height = max(2, round(HEIGHT * number / top))
            y = max(0, y - height)
            label = f"{slot.name}: {_grouped(number)} · {series.name}"
            is_lowest = y + height >= HEIGHT
            parts.append(Part(series.tone, place, y, height, label, query, is_lowest))
        rows.append(Row(slot.name, cells))
    return Chart(
        plan,
        [(series, _grouped(found.total(series.key))) for series in plan.series],
        parts,
        [_grouped(top), _grouped(top // 2) if top > 1 else "", "0"],
        _marks(period),
        rows[::-1],
        len(slots),
    )


def nice_top(highest: int) -> int:
    """Return the end of the vertical axis: an even number of one or two digits and zeros."""
    if highest <= 2:  # noqa: PLR2004 # half of it is labelled as well
        return 2
    unit = 10 ** floor(log10(highest))
    for step in (1, 2, 4, 5, 6, 8, 10):
        if highest <= step * unit and step * unit % 2 == 0:
            return int(step * unit)
    return ceil(highest / 2) * 2


def _slot_name(period: Period, begin: datetime, end: datetime) -> str:
    """Return for example `Sat 28 Nov`, `Sat 28 Nov, 14:00 to 15:00` or `22 Nov to 28 Nov`."""
    if period.range.unit != DAY:
        day = date_format(begin, "D j M")
        return _span_of_time(f"{day}, {begin:%H:%M}", f"{end:%H:%M}")
    last = end - DAY
    if last == begin:
        return date_format(begin, "D j M")
    return _span_of_time(date_format(begin, "j M"), date_format(last, "j M"))


def _span_of_time(begin: str, end: str) -> str:
    return _("%(begin)s to %(end)s") % {"begin": begin, "end": end}


def _marks(period: Period) -> list[Mark]:
    every, number = period.range.marks, len(period.slots)
    # The last slot has a label, because it is now.
    places = range((number - 1) % every, number, every)
    return [
        Mark(
            f"{(place + 0.5) * 100 / number:.2f}%",
            date_format(slot, "j M") if period.range.unit == DAY else f"{slot:%H:%M}",
        )
        for place in places
        for slot in [period.slots[place]]
    ]


def _times(period: Period, begin: datetime, end: datetime) -> str:
    form = "%Y-%m-%dT%H:%M"
    if period.range.unit == DAY:
        # The list includes its last day.
        form, end = "%Y-%m-%d", end - DAY
    return urlencode([("from", f"{begin:{form}}"), ("until", f"{end:{form}}")], safe=":")
