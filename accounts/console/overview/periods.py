"""The time spans of the front page, and the period before, with which its figures are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Range:
    """A choice of the operator: `number` bars of one `slot` each, an hour or a day.

    Attributes:
        key: the value of the parameter `range`.
        marks: how many bars there are from one label of the axis to the next.
    """

    key: str
    name: str | Promise
    before: str | Promise
    slot: timedelta
    number: int
    marks: int


RANGES = (
    Range("24h", _("24 hours"), _("in the 24 hours before"), HOUR, 24, 6),
    Range("14d", _("14 days"), _("in the 14 days before"), DAY, 14, 3),
    Range("90d", _("90 days"), _("in the 90 days before"), DAY, 90, 18),
)


@dataclass(frozen=True)
class Period:
    """The slots of a range up to now, in UTC. The last slot is not over yet."""

    range: Range
    now: datetime

    @classmethod
    def ending(cls, now: datetime, key: str | None) -> Period:
        """Return the period of the range that `key` names, or of the first range."""
        chosen = next((one for one in RANGES if one.key == key), RANGES[0])
        return cls(chosen, now.astimezone(UTC))

    @cached_property
    def slots(self) -> Sequence[datetime]:
        last = self.now.replace(minute=0, second=0, microsecond=0)
        if self.range.slot == DAY:
            last = last.replace(hour=0)
        return [last - self.range.slot * back for back in reversed(range(self.range.number))]

    @property
    def start(self) -> datetime:
        return self.slots[0]

    @property
    def earlier(self) -> tuple[datetime, datetime]:
        """The beginning and the end of the period before: as long as this one is so far."""
        length = self.range.slot * self.range.number
        return self.start - length, self.now - length
