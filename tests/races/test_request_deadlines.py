"""Every request gets a response within its deadline, in every state of the database."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import requests
from psycopg import sql

from tests.races.browser import HTTPBrowser
from tests.races.conftest import Deployment, running_on
from tests.races.test_database_deadlines import HANG_SECONDS, frozen, hold_no_longer_than
from tests.support.clock import ends_within
from tests.support.provider.people import Person

# The documented deadline is three seconds. The database is blocked for HANG_SECONDS.
WITHIN = 10.0
# The status of an error page with DJANGO_DEBUG. tests/accounts tests the 503 without it.
DEBUG_PAGE = 500


def test_page_of_a_locked_table_gets_a_response_in_time(deployment: Deployment) -> None:
    deployment.provider.person = Person()
    browser = HTTPBrowser(deployment).signed_in()
    with psycopg.connect(deployment.database_url) as other:
        hold_no_longer_than(HANG_SECONDS, other)
        other.execute("LOCK TABLE accounts_browsersession IN ACCESS EXCLUSIVE MODE")
        with ends_within(WITHIN):
            page = browser.page("/accounts/profile/")
        assert page.status_code >= DEBUG_PAGE
    assert browser.page("/accounts/profile/").status_code == 200


def test_api_request_to_a_locked_table_gets_a_response_in_time(deployment: Deployment) -> None:
    with psycopg.connect(deployment.database_url) as other:
        hold_no_longer_than(HANG_SECONDS, other)
        other.execute("LOCK TABLE accounts_attemptcounter IN ACCESS EXCLUSIVE MODE")
        with ends_within(WITHIN):
            answer = post(deployment, "forgot-password", {"email": "ada@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


def test_request_to_a_slow_database_gets_a_response_in_time(deployment: Deployment) -> None:
    """Each statement is fast enough, but all statements together take too long."""
    slow = sql.SQL(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN PERFORM pg_sleep(1.6); RETURN NEW; END$$;"
        "CREATE TRIGGER slow BEFORE INSERT ON accounts_attemptcounter"
        " FOR EACH ROW EXECUTE FUNCTION slow()"
    )
    deployment.query(slow)
    try:
        with ends_within(WITHIN):
            answer = post(deployment, "forgot-password", {"email": "bob@example.com"})
    finally:
        deployment.query(sql.SQL("DROP FUNCTION slow CASCADE"))
    assert answer.status_code == 503


def test_request_to_a_frozen_database_gets_a_response_in_time(deployment: Deployment) -> None:
    deployment.provider.person = Person()
    browser = HTTPBrowser(deployment).signed_in()
    with frozen(deployment.database_url):
        with ends_within(WITHIN):
            assert browser.page("/accounts/profile/").status_code >= DEBUG_PAGE
        with ends_within(WITHIN):
            ready = browser.page("/readyz")
        assert (ready.status_code, ready.json()) == (
            503,
            {"database": "unavailable", "keys": "ok"},
        )
        with ends_within(WITHIN):
            answer = post(deployment, "forgot-password", {"email": "cleo@example.com"})
        assert answer.json()["code"] == "database_unavailable"
        assert browser.page("/healthz").status_code == 200
    assert browser.page("/accounts/profile/").status_code == 200


def post(deployment: Deployment, path: str, body: dict[str, str]) -> requests.Response:
    return requests.post(
        f"{deployment.public_url}/api/v1/auth/{path}", json=body, timeout=HANG_SECONDS
    )


# --- SQLite


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    directory = tmp_path_factory.mktemp("sqlite")
    url = f"sqlite:///{directory / 'gatehouse.sqlite3'}"
    with running_on(url, directory) as deployment:
        yield deployment


@pytest.fixture
def another_writer(sqlite: Deployment) -> Iterator[sqlite3.Connection]:
    path = sqlite.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        yield other


def test_request_to_a_busy_sqlite_database_gets_a_response_in_time(
    sqlite: Deployment, another_writer: sqlite3.Connection
) -> None:
    sqlite.provider.person = Person()
    browser = HTTPBrowser(sqlite).signed_in()
    another_writer.execute("BEGIN EXCLUSIVE")
    with ends_within(WITHIN):
        assert browser.page("/accounts/profile/").status_code >= DEBUG_PAGE
    with ends_within(WITHIN):
        answer = post(sqlite, "forgot-password", {"email": "ada@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    with ends_within(WITHIN):
        ready = browser.page("/readyz")
    assert ready.json() == {"database": "unavailable", "keys": "ok"}
    another_writer.execute("ROLLBACK")
    assert browser.page("/accounts/profile/").status_code == 200


def test_request_to_a_repeatedly_busy_sqlite_database_gets_a_response_in_time(
    sqlite: Deployment, another_writer: sqlite3.Connection
) -> None:
    """Each statement gets the lock in time, but all statements together take too long."""
    stop = threading.Event()

    def hold() -> None:
        while not stop.is_set():
            another_writer.execute("BEGIN IMMEDIATE")
            stop.wait(1.2)
            another_writer.execute("ROLLBACK")
            time.sleep(0.03)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        with ends_within(WITHIN):
            answer = post(sqlite, "forgot-password", {"email": "bob@example.com"})
        assert answer.status_code == 503
    finally:
        stop.set()
        thread.join()


def test_request_without_the_sqlite_file_gets_a_response_in_time(sqlite: Deployment) -> None:
    path = Path(sqlite.database_url.removeprefix("sqlite:///"))
    path.rename(path.with_suffix(".away"))
    # A directory in its place prevents SQLite from creating a new file.
    path.mkdir()
    try:
        with ends_within(WITHIN):
            answer = post(sqlite, "forgot-password", {"email": "cleo@example.com"})
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    finally:
        path.rmdir()
        path.with_suffix(".away").rename(path)
