"""Audit events as CSV (RFC 4180), sent while they are read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from accounts.models import AuditEvent

COLUMNS = (
    "at",
    "action",
    "outcome",
    "detail",
    "actor_sub",
    "actor_label",
    "subject_sub",
    "subject_label",
    "address",
    "user_agent",
    "request_id",
)
# The newest. On Lambda an answer has 6 MB at most, and these are 4.5.
MAX_ROWS = 10_000
CHUNK = 1_000
# A spreadsheet takes a cell that begins like this for a formula, and users choose their own names
# and browsers. The last four are the first ones in full width, which some versions take for the
# same. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_START = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
# Which separator a spreadsheet uses depends on its country and its user, not on this file: a cell
# can begin after each of them, blanks and line ends of Unicode included. Quotes may come between.
_CELL_START = r"""(?:^|[,;|:\s])[\s"'\ufeff\u200b]*"""
_LIVE = re.compile(f"({_CELL_START})(?={_FORMULA_START})")


def response(events: QuerySet[AuditEvent]) -> StreamingHttpResponse:
    """The newest MAX_ROWS of the events as a file to download."""
    rows = events.order_by("-at", "-pk").values_list(*COLUMNS)[:MAX_ROWS]
    return StreamingHttpResponse(
        _lines(rows.iterator(CHUNK)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit-events.csv"'},
    )


class _Line:
    """What csv.writer writes to; it returns what this returns."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield str(writer.writerow(COLUMNS))
    for at, *cells in rows:
        yield str(writer.writerow([f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", *map(_harmless, cells)]))


def _harmless(cell: object) -> str:
    """The text of a cell with an apostrophe in front of everything that could become a formula."""
    text = "" if cell is None else str(cell)
    return _LIVE.sub(r"\1'", text)
