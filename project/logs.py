"""Log lines: JSON for machines, plain text while developing, never a query string."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from project.request_id import current_request_id


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, any traceback."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request_id.get():
            entry["request_id"] = request_id
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)


class WithoutQueryString(logging.Filter):
    """Cuts the query string out of the development server's request lines.

    The callback's query holds the authorization code, which belongs in no log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _without_query(argument) if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True


def _without_query(request_line: str) -> str:
    target, question_mark, rest = request_line.partition("?")
    if not question_mark:
        return request_line
    _, space, protocol = rest.rpartition(" ")
    return f"{target}?[…]{space}{protocol}"


def logging_configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """The dictConfig of the whole process: everything to stderr, in one format."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_query_string": {"()": "project.logs.WithoutQueryString"}},
        "formatters": {
            "json": {"()": "project.logs.JsonFormatter"},
            "text": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "text",
                "filters": ["without_query_string"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's defaults would print each line a second time, or mail it.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
