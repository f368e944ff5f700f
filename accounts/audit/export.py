"""Stream audit events as CSV (RFC 4180) or as JSON Lines (https://jsonlines.org)."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

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
MAX_ROWS = 10_000
# A response on Lambda is limited to 6 MB of JSON, in which each quote of the text takes two bytes.
MAX_BYTES = 5_500_000
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
    """Return a download with the newest MAX_ROWS events, as far as they fit into MAX_BYTES."""
    return _download(_csv_lines(_rows(events)), "text/csv; charset=utf-8", "audit-events.csv")


def stream_json_lines(events: QuerySet[AuditEvent]) -> StreamingHttpResponse:
    """Return the same as `stream_csv`, one JSON object in each line, with the same members."""
    return _download(_json_lines(_rows(events)), "application/jsonl", "audit-events.jsonl")


def _rows(events: QuerySet[AuditEvent]) -> Iterable[tuple[Any, ...]]:
    rows = events.order_by("-at", "-pk").values_list(*COLUMNS)[:MAX_ROWS]
    return rows.iterator(CHUNK)


def _download(lines: Iterable[str], content_type: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _bounded(lines),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    """Yield whole lines until the next one would exceed MAX_BYTES."""
    left = MAX_BYTES
    for line in lines:
        left -= len(line.encode()) + line.count('"') + line.count("\\") + 1
        if left < 0:
            return
        yield line


def _json_lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    for at, *cells in rows:
        event = dict(zip(COLUMNS, [_time(at), *cells], strict=True))
        yield json.dumps(event, ensure_ascii=False) + "\n"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


class _Line:
    """A target for csv.writer, which returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield str(writer.writerow(COLUMNS))
    for at, *cells in rows:
        yield str(writer.writerow([_time(at), *map(_harmless, cells)]))


def _harmless(cell: object) -> str:
    """Return the text of a cell with an apostrophe before each possible formula."""
    text = "" if cell is None else str(cell)
    return _LIVE.sub(r"\1'", text)
