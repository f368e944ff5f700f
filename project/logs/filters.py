"""Keep tracebacks of ordinary refusals, and repetitions during an outage, out of the log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

DATABASE = "The database"
# An answer with one of these statuses does not say what caused it.
_UNAVAILABLE = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
REPEAT_SECONDS = 1.0


class OrdinaryRefusals(logging.Filter):
    """Log a refused request as one WARNING line.

    Django logs the exception behind an answer 4xx with its traceback, and some of them at ERROR.
    Neither a missing right nor a hostile address is a defect of this application.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if isinstance(status, int) and HTTPStatus.BAD_REQUEST <= status < 500:  # noqa: PLR2004 # 4xx
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class OneLinePerOutage(logging.Filter):
    """Pass one line a second about each dependency that is unavailable.

    During an outage every request fails, and each has a line. The next line that passes says how
    many were left out. A record is about an outage if it has a database error that no statement
    caused, if its attribute `outage` names what is unavailable, or if it reports an answer 503. A
    503 needs no line of its own after a line with the cause.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._next_at: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        outage = _outage_of(record)
        if outage is None:
            return True
        with self._lock:
            now = self._monotonic()
            # A named outage waits for its own next line. A record that has only a status may belong
            # to any outage, so it waits for all of them.
            waits_for = (
                self._next_at.get(outage) if outage else max(self._next_at.values(), default=0.0)
            )
            if waits_for is not None and now < waits_for:
                self._left_out[outage] = self._left_out.get(outage, 0) + 1
                return False
            self._next_at[outage] = now + REPEAT_SECONDS
            left_out = self._left_out.pop(outage, 0)
        _shorten(record, left_out)
        return True


def _outage_of(record: logging.LogRecord) -> str | None:
    """Return the name of what is unavailable, "" if only a status says so, or None."""
    if _is_database_outage(record):
        return DATABASE
    outage = getattr(record, "outage", None)
    if isinstance(outage, str) and outage:
        return outage
    has_status = getattr(record, "status_code", None) in _UNAVAILABLE
    # The development server logs each request, which is not a message about an outage.
    return "" if has_status and not record.exc_info and record.name != "django.server" else None


def _is_database_outage(record: logging.LogRecord) -> bool:
    """Return whether the database failed. A statement that failed is a defect instead."""
    from django.db import InterfaceError, InternalError, OperationalError  # noqa: PLC0415 # settings

    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, OperationalError | InterfaceError | InternalError):
        return False
    # In SQLite a missing table is an operational error as well, with this name.
    return getattr(error.__cause__, "sqlite_errorname", "") != "SQLITE_ERROR"


def _shorten(record: logging.LogRecord, left_out: int) -> None:
    """Replace the traceback by the cause and the number of lines that were left out."""
    message = record.getMessage()
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        reason = str(error).partition("\n")[0]
        message += f" ({type(error).__name__}: {reason})"
        record.exc_info = record.exc_text = None
    if left_out:
        message += f" [{left_out} more lines like this one were left out]"
    record.msg, record.args = message, ()
