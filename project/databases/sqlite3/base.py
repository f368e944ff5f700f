"""A SQLite backend that limits statements and locks to the request's deadline.

SQLite's own limit applies to each statement, and a request has many. So each statement gets the
time that is left. A statement that computes for too long is interrupted.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db.backends.sqlite3 import base

from cognito import deadlines

# Operations of SQLite's virtual machine between two checks of the clock: about a millisecond.
OPERATIONS = 50_000


class Cursor(base.SQLiteCursorWrapper):
    """Django's cursor, whose statements have the time that the request has left."""

    def __init__(self, connection: sqlite3.Connection, database: DatabaseWrapper) -> None:
        super().__init__(connection)
        self._database = database

    def execute(self, query: str, params: Any = None) -> Any:
        with self._database.limited():
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self._database.limited():
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with the request's deadline on every statement."""

    _interrupt_at = math.inf

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect. Outside requests the driver's own timeout applies."""
        connection = super().get_new_connection(conn_params)
        connection.set_progress_handler(self._is_late, OPERATIONS)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=partial(Cursor, database=self))

    def _commit(self) -> Any:
        # A commit waits for readers.
        with self.limited():
            return super()._commit()  # type: ignore[misc] # the stubs lack it

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Limit what is inside to the time that the request has left, and count it as a wait."""
        seconds = deadlines.database_seconds()
        self._interrupt_at = math.inf if seconds is None else time.monotonic() + seconds
        if seconds is None:
            seconds = self.settings_dict["OPTIONS"].get("timeout", deadlines.SQLITE_COMMAND_SECONDS)
        if self.connection is not None:
            self.connection.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")
        with deadlines.waiting():
            yield

    def _is_late(self) -> bool:
        return time.monotonic() >= self._interrupt_at
