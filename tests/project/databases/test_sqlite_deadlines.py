"""How long a request waits for a busy SQLite in each operation."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from cognito import deadlines
from cognito.deadlines import Budget
from project.databases.configuration import database_configuration
from tests.support.clock import ends_within

SHORT = Budget(calls=0.3, database=0.3)
# A wait that ignores the budget takes ten seconds, as in a command.
WITHIN = 8.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gatehouse.sqlite3"


@pytest.fixture(autouse=True)
def database_of_its_own(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let these tests connect: they do not use the database of the application."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def database(path: Path) -> Iterator[BaseDatabaseWrapper]:
    handler = ConnectionHandler({"default": database_configuration(f"sqlite:///{path}")})
    database = handler["default"]
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (number INTEGER)")
        cursor.execute("INSERT INTO counter VALUES (0)")
    yield database
    database.close()


@contextmanager
def another_writer(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def write(database: BaseDatabaseWrapper) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE counter SET number = number + 1")


def number(database: BaseDatabaseWrapper) -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT number FROM counter")
        return int(cursor.fetchone()[0])


def test_request_waits_for_another_writer_only_within_its_budget(
    database: BaseDatabaseWrapper, path: Path
) -> None:
    began = time.monotonic()
    with another_writer(path), deadlines.running(SHORT), pytest.raises(OperationalError):
        write(database)
    assert 0.2 < time.monotonic() - began < WITHIN
    write(database)
    assert number(database) == 1


@pytest.mark.slow
def test_many_statements_wait_no_longer_than_one(database: BaseDatabaseWrapper, path: Path) -> None:
    with ends_within(WITHIN), another_writer(path), deadlines.running(SHORT):
        for _ in range(40):
            with pytest.raises(OperationalError):
                number(database)


@pytest.mark.slow
def test_beginning_and_committing_a_transaction_are_within_the_budget(
    database: BaseDatabaseWrapper, path: Path
) -> None:
    with (
        ends_within(WITHIN),
        another_writer(path),
        deadlines.running(SHORT),
        pytest.raises(OperationalError),
    ):
        database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    database.close()
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM counter").fetchall()
    with (  # noqa: PT012
        ends_within(WITHIN),
        deadlines.running(SHORT),
        pytest.raises(OperationalError),
        database.cursor(),
    ):
        database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        write(database)
        database.commit()
    reader.close()


def test_statement_that_computes_too_long_is_interrupted(database: BaseDatabaseWrapper) -> None:
    with (
        ends_within(WITHIN),
        database.cursor() as cursor,
        deadlines.running(SHORT),
        pytest.raises(OperationalError, match="interrupted"),
    ):
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)"
            " SELECT count(*) FROM n"
        )
    assert number(database) == 0


def test_command_waits_for_another_writer_for_longer_than_a_request(
    database: BaseDatabaseWrapper,
) -> None:
    with deadlines.running(SHORT):
        write(database)
    with database.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone()[0] == 1000 * deadlines.SQLITE_COMMAND_SECONDS
