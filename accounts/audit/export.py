"""Stream audit events as CSV (RFC 4180)."""

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
# This number of rows is about 4.5 MB. A response on Lambda is limited to 6 MB.
MAX_ROWS = 10_000
CHUNK = 1_000
# A spreadsheet reads a cell that begins like this as a formula, and users choose their names and
# user agents. The last four are full-width forms, which some versions treat alike.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_START = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
# The separator depends on the settings of the spreadsheet, so a cell can begin after any of these,
# after other white space, and after a quote.
_CELL_START = r"""(?:^|[,;|:\s])[\s"'\ufeff\u200b]*"""
_LIVE = re.compile(f"({_CELL_START})(?={_FORMULA_START})")


def stream_csv(events: QuerySet[AuditEvent]) -> StreamingHttpResponse:
    """Return a download with the newest MAX_ROWS events."""
    rows = events.order_by("-at", "-pk").values_list(*COLUMNS)[:MAX_ROWS]
    return StreamingHttpResponse(
        _lines(rows.iterator(CHUNK)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit-events.csv"'},
    )


class _Line:
    """A target for csv.writer, which returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield str(writer.writerow(COLUMNS))
    for at, *cells in rows:
        yield str(writer.writerow([f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", *map(_harmless, cells)]))


def _harmless(cell: object) -> str:
    """Return the text of a cell with an apostrophe before each possible formula."""
    text = "" if cell is None else str(cell)
    return _LIVE.sub(r"\1'", text)
