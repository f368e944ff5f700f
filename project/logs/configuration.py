"""Format log lines: as JSON, or as text for a developer, without query strings and names."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from project.middleware.request_id import current_request_id
from project.traces.trace_id import current_trace_id

# Up to the protocol of the request line, because a malformed line may have spaces anywhere.
_QUERY_STRING = re.compile(r"\?.*?(?= HTTP/|$)", re.DOTALL)
# User names are often e-mail addresses. A name can contain any character, so remove the rest too.
_POOL_NAME = re.compile(
    r"(?<=/)((?:operators|directory)/(?:users|groups)/).+?(?= HTTP/|$)", re.DOTALL
)


def without_names(path: str) -> str:
    """Return `path`, or text that ends in one, without the name of a user or group."""
    return _POOL_NAME.sub(r"\1[…]", path)


def without_query_string(text: str) -> str:
    """Return `text`, such as a request line, with a placeholder for its query string."""
    return _QUERY_STRING.sub("?[…]", text)


class JsonFormatter(logging.Formatter):
    """Write one JSON object a line: time, level, logger, message, request_id, any traceback."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        # Django logs a refusal when the middleware has ended, and names the request in the record.
        request = getattr(record, "request", None)
        if request_id := current_request_id.get() or getattr(request, "request_id", ""):
            entry["request_id"] = request_id
        if trace_id := current_trace_id.get() or getattr(request, "trace_id", ""):
            entry["trace_id"] = trace_id
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        # Members of another format in the same line, such as metrics.
        entry |= getattr(record, "members", {})
        return json.dumps(entry)


class WithoutQueryString(logging.Filter):
    """Remove the query string from the development server's request lines.

    The query string of the callback contains the authorization code.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                without_query_string(argument) if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True


class WithoutNames(logging.Filter):
    """Remove the names of users and groups from the paths that Django logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                without_names(argument) if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True


def logging_configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """Return the dictConfig of the process.

    JSON goes to standard output, where log collectors expect it. Text goes to standard error, apart
    from the output of a command.
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
                # Names are removed first, because other filters put the arguments into the message.
                "filters": ["without_names", "ordinary_refusals", "one_line_per_outage"],
            }
        },
        "root": {"handlers": ["stream"], "level": level},
        "loggers": {
            # Django's defaults would print each line again, or send it by e-mail.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {
                "handlers": [],
                "level": "INFO",
                "propagate": True,
                "filters": ["without_query_string"],
            },
            # These lines are figures, which LOG_LEVEL does not switch off.
            "project.metrics": {"level": "INFO"},
            # At DEBUG it logs complete requests and answers, refresh tokens included.
            "botocore": {"level": "INFO"},
        },
    }
