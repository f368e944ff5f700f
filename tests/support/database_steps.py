"""Record the statements and row locks of code in order, although SQLite has no row locks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection

_LOCK = re.compile(r' FOR UPDATE(?: OF "(?P<table>\w+)")?$')
_STEP = re.compile(r'\s*(?P<verb>\w+) (?:.*?\b(?:FROM|INTO) )?"?(?P<table>\w+)', re.DOTALL)


@contextmanager
def recorded_steps() -> Iterator[list[str]]:
    """Record each statement as its verb and its table: `lock accounts_user`, `delete …`.

    Django omits row locks for SQLite. This function makes Django write them as for PostgreSQL, and
    removes them before SQLite executes the statement. A lock outside a transaction fails the test,
    because PostgreSQL would release it at once. So does a lock of several tables.
    """
    steps: list[str] = []
    outside = len(connection.savepoint_ids)

    def execute(run: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if lock := _LOCK.search(sql):
            assert len(connection.savepoint_ids) > outside, (
                f"a row lock outside a transaction: {sql}"
            )
            assert lock["table"] or " JOIN " not in sql, f"it locks joined rows as well: {sql}"
            sql = sql[: lock.start()]
        if step := _STEP.match(sql):
            table = lock["table"] if lock and lock["table"] else step["table"]
            steps.append(f"{'lock' if lock else step['verb'].lower()} {table}")
        return run(sql, *arguments)

    row_locks = mock.patch.multiple(
        connection.features, has_select_for_update=True, has_select_for_update_of=True
    )
    with row_locks, connection.execute_wrapper(execute):
        yield steps
