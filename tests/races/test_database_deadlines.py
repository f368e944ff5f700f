"""How long a request waits for PostgreSQL that is locked, slow, frozen or down."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from cognito import deadlines
from cognito.deadlines import Budget
from project.databases.configuration import database_configuration
from project.databases.postgresql import base
from tests.support.clock import ends_within, wait_until

SHORT = Budget(calls=0.4, database=0.4)
# Without a deadline, the waits in these tests take at least this long.
HANG_SECONDS = 30
WITHIN = 10.0


@pytest.fixture(autouse=True)
def database_access(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let these tests connect. They do not use the test database of Django."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def database(postgresql_url: str) -> Iterator[BaseDatabaseWrapper]:
    database = database_at(postgresql_url)
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS counter (number integer)")
        cursor.execute("TRUNCATE counter")
        cursor.execute("INSERT INTO counter VALUES (0)")
    yield database
    database.close()


def database_at(url: str) -> BaseDatabaseWrapper:
    handler = ConnectionHandler({"default": database_configuration(url)})
    return handler["default"]


def execute(database: BaseDatabaseWrapper, statement: str) -> object:
    with database.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def waiting_for_locks(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        counted = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        return int(counted.fetchone()[0])  # type: ignore[index] # a count is one row


def hold_no_longer_than(seconds: int, connection: psycopg.Connection[object]) -> None:
    """Have the server end the transaction, and its locks, after that time."""
    connection.execute(f"SET idle_in_transaction_session_timeout = '{seconds}s'")


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Stop every process of the server, so that it neither responds nor closes connections.

    The server continues after HANG_SECONDS, so that a wait without a deadline fails the test.
    """
    with psycopg.connect(url) as connection:
        # The backend process ends with the connection, so its parent must be read before that.
        postmaster = parent_of(connection.info.backend_pid)
    # The postmaster is stopped first, so that it starts no further process.
    frozen_processes = [postmaster]

    def thaw() -> None:
        for pid in frozen_processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    thaw_late = threading.Timer(HANG_SECONDS, thaw)
    thaw_late.start()
    try:
        os.kill(postmaster, signal.SIGSTOP)
        for pid in children_of(postmaster):
            # The process may have ended in the meantime.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                frozen_processes.append(pid)
        yield
    finally:
        thaw_late.cancel()
        thaw()


def parent_of(pid: int) -> int:
    # The fourth field is the parent. The second field can contain spaces.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if parent_of(int(entry.name)) == pid:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_request_waits_for_a_lock_only_within_its_budget_and_the_statement_is_cancelled(
    database: BaseDatabaseWrapper, postgresql_url: str
) -> None:
    began = time.monotonic()
    with psycopg.connect(postgresql_url) as other:
        hold_no_longer_than(HANG_SECONDS, other)
        other.execute("SELECT * FROM counter FOR UPDATE")
        with deadlines.running(SHORT), pytest.raises(OperationalError, match="did not answer"):
            execute(database, "UPDATE counter SET number = number + 1")
        assert 0.3 < time.monotonic() - began < WITHIN
        wait_until(lambda: waiting_for_locks(postgresql_url) == 0)
    database.close_if_unusable_or_obsolete()
    # The connection was closed, and the statement has no effect after the lock is released.
    assert execute(database, "SELECT number FROM counter") == 0


def test_slow_statements_share_one_deadline(database: BaseDatabaseWrapper) -> None:
    with ends_within(WITHIN), deadlines.running(SHORT):
        for _ in range(50):
            with pytest.raises(OperationalError):
                execute(database, "SELECT pg_sleep(30)")


def test_result_that_arrives_slowly_is_given_up(database: BaseDatabaseWrapper) -> None:
    with ends_within(WITHIN), deadlines.running(SHORT), pytest.raises(OperationalError):
        execute(database, "SELECT pg_sleep(0.02), repeat('x', 9000) FROM generate_series(1, 1500)")


def test_frozen_server_is_given_up_on_a_reused_and_on_a_new_connection(
    database: BaseDatabaseWrapper, postgresql_url: str
) -> None:
    with frozen(postgresql_url):
        with ends_within(WITHIN), deadlines.running(SHORT), pytest.raises(OperationalError):
            execute(database, "SELECT 1")
        # Django calls this after each request.
        database.close_if_unusable_or_obsolete()
        with (
            ends_within(WITHIN),
            deadlines.running(SHORT),
            pytest.raises(OperationalError, match="no connection"),
        ):
            execute(database, "SELECT 1")
    assert execute(database, "SELECT 1") == 1


def test_check_of_a_reused_connection_has_a_deadline_outside_a_request(
    database: BaseDatabaseWrapper, postgresql_url: str
) -> None:
    with frozen(postgresql_url), ends_within(WITHIN):
        assert not database.is_usable()


def test_commit_without_a_response_is_given_up(
    database: BaseDatabaseWrapper, postgresql_url: str
) -> None:
    database.set_autocommit(False)
    execute(database, "UPDATE counter SET number = 1")
    with (
        ends_within(WITHIN),
        frozen(postgresql_url),
        deadlines.running(SHORT),
        pytest.raises(OperationalError),
    ):
        database.commit()


def test_server_that_accepts_and_never_responds_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Raise libpq's own limit, which would also end this wait.
    monkeypatch.setattr(deadlines, "CONNECT_SECONDS", HANG_SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = database_at(f"postgres://a:b@127.0.0.1:{silent.getsockname()[1]}/c")
        with (
            ends_within(WITHIN),
            deadlines.running(SHORT),
            pytest.raises(OperationalError, match="no connection"),
        ):
            database.ensure_connection()


def test_refused_connection_fails_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    database = database_at(f"postgres://a:b@127.0.0.1:{port}/c")
    with deadlines.running(SHORT), pytest.raises(OperationalError, match="refused"):
        database.ensure_connection()


def test_connection_after_the_deadline_is_closed(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[psycopg.Connection[object]] = []
    let_go = threading.Event()
    really_connect = base.Connection.connect

    def connect(**parameters: object) -> psycopg.Connection[object]:
        let_go.wait(30)
        made.append(really_connect(**parameters))  # type: ignore[arg-type]
        return made[0]

    monkeypatch.setattr(base.Connection, "connect", connect)
    with deadlines.running(SHORT), pytest.raises(OperationalError):
        database_at(postgresql_url).ensure_connection()
    let_go.set()
    wait_until(lambda: bool(made) and made[0].closed)


def test_management_command_has_no_deadline(database: BaseDatabaseWrapper) -> None:
    assert deadlines.database_seconds() is None
    execute(database, "SELECT pg_sleep(0.6)")
    with deadlines.running(SHORT), pytest.raises(OperationalError):
        execute(database, "SELECT pg_sleep(0.6)")
