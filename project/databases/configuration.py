"""Configure the database that DATABASE_URL names."""

from __future__ import annotations

from typing import Any

import dj_database_url

from cognito import deadlines
from project.databases.authorities import tls_options

# Django's backends have no deadlines, and ours do.
BACKENDS = {
    "django.db.backends.sqlite3": "project.databases.sqlite3",
    "django.db.backends.postgresql": "project.databases.postgresql",
}


def database_configuration(url: str) -> dict[str, Any]:
    """Return the entry of Django's DATABASES."""
    configuration: dict[str, Any] = dict(
        dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    )
    options = configuration.setdefault("OPTIONS", {})
    configuration["ENGINE"] = BACKENDS[configuration["ENGINE"]]
    if configuration["ENGINE"] == "project.databases.sqlite3":
        # A transaction takes the write lock when it begins, as SELECT … FOR UPDATE does in
        # PostgreSQL. SQLite has no row locks, and a transaction that has read cannot write after
        # another transaction wrote.
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", deadlines.SQLITE_COMMAND_SECONDS)
    else:
        options.update(tls_options(configuration["HOST"], options))
        options.setdefault("connect_timeout", deadlines.CONNECT_SECONDS)
        # A kept connection whose other end is gone (failover, dropped NAT entry) reports nothing.
        # It ends when data is not acknowledged, or when probes are not answered.
        # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES
        unacknowledged = int(1000 * deadlines.UNACKNOWLEDGED_SECONDS)
        options.setdefault("tcp_user_timeout", unacknowledged)
        options.setdefault("keepalives_idle", 5)
        options.setdefault("keepalives_interval", 1)
        options.setdefault("keepalives_count", 2)
    return configuration
