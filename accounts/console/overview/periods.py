"""The time spans of the front page, and the period before, with which its figures are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import ceil

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Range:
    """A choice of the operator.

    Attributes:
        key: the value of the parameter `range`.
        before: how the period before is called.
        length: whole hours or days, of which the last one is not over yet.
        slot: the time of one bar. The first bar can be shorter.
        marks: how many bars there are from one label of the axis to the next.
    """

    key: str
    name: str | Promise
    before: str | Promise
    length: timedelta
    slot: timedelta
    marks: int

    @property
    def unit(self) -> timedelta:
        return HOUR if self.slot == HOUR else DAY


RANGES = (
    Range("24h", _("24 hours"), _("in the 24 hours before"), DAY, HOUR, 6),
    Range("14d", _("14 days"), _("in the 14 days before"), 14 * DAY, DAY, 3),
    # A bar for each day would be thin, and would show little but weekends.
    Range("90d", _("90 days"), _("in the 90 days before"), 90 * DAY, WEEK, 3),
)


@dataclass(frozen=True)
class Period:
    """The slots of a range up to now, in UTC."""

    range: Range
    now: datetime

    @classmethod
    def ending(cls, now: datetime, key: str | None) -> Period:
        """Return the period of the range that `key` names, or of the first range."""
        chosen = next((one for one in RANGES if one.key == key), RANGES[0])
        return cls(chosen, now.astimezone(UTC))

    @cached_property
    def end(self) -> datetime:
        """The end of the current hour or day."""
        begin = self.now.replace(minute=0, second=0, microsecond=0)
        return (begin if self.range.unit == HOUR else begin.replace(hour=0)) + self.range.unit

    @property
    def start(self) -> datetime:
        return self.end - self.range.length

    @cached_property
    def slots(self) -> Sequence[datetime]:
        """The beginnings of the bars. They are counted backwards, so that the last one is whole."""
        number = ceil(self.range.length / self.range.slot)
        begins = [self.end - self.range.slot * back for back in range(number, 0, -1)]
        return [max(begin, self.start) for begin in begins]

    def end_of(self, slot: datetime) -> datetime:
        later = [one for one in self.slots if one > slot]
        return later[0] if later else self.end

    @property
    def earlier(self) -> tuple[datetime, datetime]:
        """The beginning and the end of the period before: as long as this one is so far."""
        return self.start - self.range.length, self.now - self.range.length
