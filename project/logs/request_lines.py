"""Write gunicorn's lines, and one for each request, to the application's log: gunicorn.conf.py."""

from __future__ import annotations

import logging
import logging.config
import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from gunicorn.glogging import Logger

from project.logs.configuration import logging_configuration, without_names, without_query_string
from project.middleware.request_id import current_request_id

# gunicorn then quotes the request line or a header, which may contain a token.
_MALFORMED = re.compile(r"(Invalid request from ip=\S*):.*", re.DOTALL)


class RequestLines(Logger):  # type: ignore[misc] # it has no types
    """gunicorn's logger, which leaves the form of the lines to the application's log.

    It logs a request as the entry point on Lambda does. A successful answer to a probe has no line,
    because a load balancer sends one every few seconds.
    """

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        if not logging.getLogger().handlers:
            # Until the application is loaded, which configures the log again.
            logging.config.dictConfig(logging_configuration(level="INFO", as_json=True))
        self.error_log.propagate = self.access_log.propagate = True
        if not any(isinstance(one, _WithoutSecrets) for one in self.error_log.filters):
            self.error_log.addFilter(_WithoutSecrets())

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        # A request that gunicorn itself refuses has no path yet.
        path = environ.get("PATH_INFO") or environ.get("RAW_URI", "").partition("?")[0]
        status = str(resp.status).partition(" ")[0]
        if path in _probe_paths() and status == str(HTTPStatus.OK.value):
            return
        headers = {name.lower(): value for name, value in resp.headers}
        reset_to = current_request_id.set(headers.get("x-request-id", ""))
        try:
            self.access_log.info(
                "%s %s %s in %.0f ms",
                environ.get("REQUEST_METHOD", "-"),
                without_names(path),
                status,
                request_time.total_seconds() * 1000,
            )
        finally:
            current_request_id.reset(reset_to)


class _WithoutSecrets(logging.Filter):
    """Remove query strings, names of users, and what gunicorn quotes of a malformed request."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = _MALFORMED.sub(r"\1", record.getMessage())
        record.msg, record.args = without_names(without_query_string(text)), ()
        return True


def _probe_paths() -> frozenset[str]:
    # It can be imported only after the application is set up.
    from project.middleware.front import PROBE_PATHS  # noqa: PLC0415

    return PROBE_PATHS
