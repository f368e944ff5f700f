"""A PostgreSQL backend that limits statements, locks and connections to the request's deadline.

The client enforces the limit. The server enforces `statement_timeout` and `lock_timeout`, so they
do not help when the server is frozen. A pooler such as PgBouncer refuses them as options of a
connection, and a statement that sets them would affect other clients of the pooler. TCP timers do
not help either, because the kernel of a frozen server still acknowledges.

A statement that takes too long is cancelled if the server still answers. Otherwise it could wait
for its lock and take effect after the request's answer. Then the connection is closed, because its
state is unknown. The next request opens a new one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg import capabilities
from psycopg.abc import PQGen

from cognito import deadlines

RV = TypeVar("RV")


class Connection(psycopg.Connection[Any]):
    """A connection that is closed when the request has no time left to wait for it."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server as psycopg does, a commit included, until the deadline."""
        seconds = deadlines.database_seconds()
        if seconds is None or (timeout is not None and timeout <= seconds):
            return super().wait(gen, interval, timeout)
        try:
            with deadlines.waiting():
                return super().wait(gen, min(interval, seconds), seconds)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 # no public error is raised for it
            self._give_up()
        raise psycopg.OperationalError("The database did not answer within the request's time.")

    def _give_up(self) -> None:
        # Older libraries can cancel only with a call that may itself hang.
        if capabilities.has_cancel_safe():
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=deadlines.CANCEL_SECONDS)
        self.close()


def connect(**parameters: Any) -> Connection:
    """Connect as `psycopg.connect` does, within the time that the request has left.

    psycopg's own limit applies to each address of a server, and not to the DNS look-up of its name.
    """
    seconds = deadlines.database_seconds()
    if seconds is None:
        return Connection.connect(**parameters)
    late = False

    def work() -> Connection:
        connection = Connection.connect(**parameters)
        if late:
            connection.close()
        return connection

    try:
        return deadlines.run_within(seconds, work, name="database-connection")
    except deadlines.OutOfTime:
        late = True
    except deadlines.OutOfThreads as error:
        raise psycopg.OperationalError(str(error)) from error
    raise psycopg.OperationalError("The database accepted no connection in the request's time.")


class _Driver:
    """The module psycopg with another `connect`."""

    connect = staticmethod(connect)

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with connections that keep the request's deadline."""

    Database = _Driver()  # type: ignore[assignment] # the stubs take a module

    def is_usable(self) -> bool:
        """Ask within a deadline of its own: Django also asks after the answer, without one."""
        with deadlines.running(deadlines.USABLE):
            usable: bool = super().is_usable()
        return usable
