"""Until when the endpoint answers: what the setting allows, and what an operator has decided.

An operator can switch it off, or end it earlier. Only the setting can let it answer longer.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from migration.conf import Configuration
from migration.models import Switch

# Long ago.
_NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - Python 3.8 has no datetime.UTC


def current() -> Switch:
    """Return the row, or a new one that changes nothing. One query."""
    found: Switch | None = Switch.objects.filter(pk=1).first()
    return found or Switch(pk=1)


def ends(configured: Configuration) -> datetime:
    """Return when the endpoint stops to answer. One query."""
    row = Switch.objects.filter(pk=1).values_list("is_off", "until").first()
    is_off, until = row or (False, None)
    return ends_with(configured, is_off=is_off, until=until)


def ends_with(configured: Configuration, *, is_off: bool, until: date | None) -> datetime:
    if is_off:
        return _NEVER
    return min(configured.until, end_of(until)) if until else configured.until


def end_of(day: date) -> datetime:
    """Return the end of a day, in UTC."""
    midnight = datetime.combine(day, time(), tzinfo=timezone.utc)  # noqa: UP017
    return midnight + timedelta(days=1)
