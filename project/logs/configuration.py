"""Log lines: JSON for machines, plain text while developing, never a query string or a name."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from project.middleware.request_id import current_request_id

# Up to the protocol of the request line, for a bad one may have spaces anywhere.
_QUERY_STRING = re.compile(r"\?.*?(?= HTTP/|$)", re.DOTALL)
# User names are often e-mail addresses. A name can have any character, so the rest goes as well.
_POOL_NAME = re.compile(
    r"(?<=/)((?:operators|directory)/(?:users|groups)/).+?(?= HTTP/|$)", re.DOTALL
)


def without_names(path: str) -> str:
    """Return `path`, or text that ends in one, without the name of a user or group."""
    return _POOL_NAME.sub(r"\1[…]", path)


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
                _QUERY_STRING.sub("?[…]", argument) if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True


class WithoutNames(logging.Filter):
    """Cuts the names of users and groups out of the paths that Django logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                without_names(argument) if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True


def logging_configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """The dictConfig of the whole process: one format, one place.

    JSON goes to standard output, where what collects logs expects it; text to standard error, where
    it does not mix with what a command prints for its caller.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "without_query_string": {"()": "project.logs.configuration.WithoutQueryString"},
            "without_names": {"()": "project.logs.configuration.WithoutNames"},
            "ordinary_refusals": {"()": "project.logs.filters.OrdinaryRefusals"},
            "one_line_per_outage": {"()": "project.logs.filters.OneLinePerOutage"},
        },
        "formatters": {
            "json": {"()": "project.logs.configuration.JsonFormatter"},
            "text": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"},
        },
        "handlers": {
            "stream": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout" if as_json else "ext://sys.stderr",
                "formatter": "json" if as_json else "text",
                # Names go first: the others may put the arguments into the message.
                "filters": ["without_names", "ordinary_refusals", "one_line_per_outage"],
            }
        },
        "root": {"handlers": ["stream"], "level": level},
        "loggers": {
            # Django's defaults would print each line a second time, or mail it.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {
                "handlers": [],
                "level": "INFO",
                "propagate": True,
                "filters": ["without_query_string"],
            },
            # At DEBUG it prints requests and answers whole, refresh tokens included.
            "botocore": {"level": "INFO"},
        },
    }
