"""Times in the arguments of commands."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime

from django.utils.dateparse import parse_date, parse_datetime

EXPECTED = "a day or a time in UTC, such as 2026-11-28 or 2026-11-28T12:00:00Z"


def moment(text: str) -> datetime:
    """Return a day or a time. Raises ArgumentTypeError."""
    try:
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)):
            found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        found = None
    if found is None:
        raise ArgumentTypeError("expected a day such as 2026-11-28, or a time")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
