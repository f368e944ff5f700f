"""What the log leaves out: tracebacks of ordinary refusals, and repetitions during an outage."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

DATABASE = "The database"
# A request that is answered with one of these says nothing about its cause.
_UNAVAILABLE = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
REPEAT_SECONDS = 1.0


class OrdinaryRefusals(logging.Filter):
    """Makes one WARNING line of a request that was refused.

    Django logs the exception behind an answer 4xx with its traceback, and some at ERROR. Neither a
    missing right nor a hostile address is a defect of this application.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if isinstance(status, int) and HTTPStatus.BAD_REQUEST <= status < 500:  # noqa: PLR2004 # 4xx
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class OneLinePerOutage(logging.Filter):
    """Lets one line a second through about each dependency that is unavailable.

    An outage fails every request, and each has a line. The next line says how many were left out.
    An outage is a database error that is none of a statement; a record with the attribute `outage`,
    the name of what is unavailable; or the mere 503 of a request. The latter needs no line of its
    own after one that tells the cause.
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
            # A status alone waits for every outage, each named one for itself.
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
    """The name of what is unavailable; empty if only a status says so; None if nothing is."""
    if _is_database_outage(record):
        return DATABASE
    outage = getattr(record, "outage", None)
    if isinstance(outage, str) and outage:
        return outage
    has_status = getattr(record, "status_code", None) in _UNAVAILABLE
    # The development server's own line of each request is no message about an outage.
    return "" if has_status and not record.exc_info and record.name != "django.server" else None


def _is_database_outage(record: logging.LogRecord) -> bool:
    """Whether the database failed, rather than a statement: those are defects."""
    from django.db import InterfaceError, InternalError, OperationalError  # noqa: PLC0415 # settings

    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, OperationalError | InterfaceError | InternalError):
        return False
    # SQLite calls a missing table an operational error. What is locked or full has other names.
    return getattr(error.__cause__, "sqlite_errorname", "") != "SQLITE_ERROR"


def _shorten(record: logging.LogRecord, left_out: int) -> None:
    """Put the cause, and how many lines were left out, in place of the traceback."""
    message = record.getMessage()
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        reason = str(error).partition("\n")[0]
        message += f" ({type(error).__name__}: {reason})"
        record.exc_info = record.exc_text = None
    if left_out:
        message += f" [{left_out} more lines like this one were left out]"
    record.msg, record.args = message, ()
