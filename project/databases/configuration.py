"""The database that DATABASE_URL names, with what this application needs of it."""

from __future__ import annotations

from typing import Any

import dj_database_url

from cognito import deadlines
from project.databases.authorities import tls_options

# Django's backends, which know nothing of deadlines, and ours, which do.
BACKENDS = {
    "django.db.backends.sqlite3": "project.databases.sqlite3",
    "django.db.backends.postgresql": "project.databases.postgresql",
}


def database_configuration(url: str) -> dict[str, Any]:
    """Django's DATABASES entry."""
    configuration: dict[str, Any] = dict(
        dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    )
    options = configuration.setdefault("OPTIONS", {})
    configuration["ENGINE"] = BACKENDS[configuration["ENGINE"]]
    if configuration["ENGINE"] == "project.databases.sqlite3":
        # A transaction takes the write lock when it begins, as SELECT … FOR UPDATE does elsewhere:
        # SQLite has no row locks, and refuses to upgrade a read that another writer overtook.
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", deadlines.SQLITE_COMMAND_SECONDS)
    else:
        options.update(tls_options(configuration["HOST"], options))
        options.setdefault("connect_timeout", deadlines.CONNECT_SECONDS)
        # A kept connection whose other end is gone (failover, dropped NAT entry) says nothing: what
        # was sent and not acknowledged ends it, and so does a silence that probes do not break.
        # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES
        unacknowledged = int(1000 * deadlines.UNACKNOWLEDGED_SECONDS)
        options.setdefault("tcp_user_timeout", unacknowledged)
        options.setdefault("keepalives_idle", 5)
        options.setdefault("keepalives_interval", 1)
        options.setdefault("keepalives_count", 2)
    return configuration
