"""SQLite, whose locks a request waits for only as long as its deadline allows.

Its own limit holds for each statement, and a request has many. So the limit is set anew for each
of them. A statement that computes for too long is interrupted.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base

from cognito import deadlines

# Operations of SQLite's virtual machine between two looks at the clock: about a millisecond.
OPERATIONS = 50_000


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with the request's deadline on every statement."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect. The driver's own timeout holds outside requests."""
        connection = super().get_new_connection(conn_params)
        connection.set_progress_handler(_is_over, OPERATIONS)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """Django makes a cursor for every statement, BEGIN included."""
        self._limit_wait()
        return super().create_cursor(name)

    def _commit(self) -> Any:
        # A commit waits for readers.
        self._limit_wait()
        return super()._commit()  # type: ignore[misc] # the stubs lack it

    def _limit_wait(self) -> None:
        seconds = deadlines.database_seconds()
        if seconds is None:
            seconds = self.settings_dict["OPTIONS"].get("timeout", deadlines.SQLITE_COMMAND_SECONDS)
        self.connection.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")


def _is_over() -> bool:
    return deadlines.database_seconds() == 0
