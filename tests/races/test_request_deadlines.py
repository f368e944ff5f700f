"""Every request has its answer within the promised time, whatever PostgreSQL does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import requests
from psycopg import sql

from cognito import deadlines
from tests.provider.people import Person
from tests.races.conftest import Deployment
from tests.races.test_database_deadlines import frozen
from tests.races.test_races import Browser

# What a machine that has other things to do may add to the promise, in the client above all.
SLACK = 0.7
# What DJANGO_DEBUG makes of a failure. Without it a page is 503, as tests/accounts shows.
DEBUG_PAGE = 500


@contextmanager
def answered_in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < deadlines.ANSWER_SECONDS + SLACK


def test_locked_table_is_answered_in_time(deployment: Deployment) -> None:
    deployment.provider.person = Person()
    browser = Browser(deployment).signed_in()
    with psycopg.connect(deployment.database_url) as other:
        other.execute("LOCK TABLE accounts_browsersession IN ACCESS EXCLUSIVE MODE")
        with answered_in_time():
            page = browser.page("/accounts/profile/")
        assert page.status_code >= DEBUG_PAGE
    assert browser.page("/accounts/profile/").status_code == 200


def test_locked_row_is_answered_in_time_by_the_api(deployment: Deployment) -> None:
    with psycopg.connect(deployment.database_url) as other:
        other.execute("LOCK TABLE accounts_attemptcounter IN ACCESS EXCLUSIVE MODE")
        with answered_in_time():
            answer = post(deployment, "forgot-password", {"email": "ada@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


def test_slow_database_is_answered_in_time(deployment: Deployment) -> None:
    """No statement alone takes long, and all of them together do."""
    slow = sql.SQL(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN PERFORM pg_sleep(1.6); RETURN NEW; END$$;"
        "CREATE TRIGGER slow BEFORE INSERT ON accounts_attemptcounter"
        " FOR EACH ROW EXECUTE FUNCTION slow()"
    )
    deployment.query(slow)
    try:
        with answered_in_time():
            answer = post(deployment, "forgot-password", {"email": "bob@example.com"})
    finally:
        deployment.query(sql.SQL("DROP FUNCTION slow CASCADE"))
    assert answer.status_code == 503


def test_frozen_database_is_answered_in_time_and_named(deployment: Deployment) -> None:
    deployment.provider.person = Person()
    browser = Browser(deployment).signed_in()
    with frozen(deployment.database_url):
        with answered_in_time():
            assert browser.page("/accounts/profile/").status_code >= DEBUG_PAGE
        with answered_in_time():
            ready = browser.page("/readyz")
        assert (ready.status_code, ready.json()) == (
            503,
            {"database": "unavailable", "keys": "ok"},
        )
        with answered_in_time():
            answer = post(deployment, "forgot-password", {"email": "cleo@example.com"})
        assert answer.json()["code"] == "database_unavailable"
        assert browser.page("/healthz").status_code == 200
    assert browser.page("/accounts/profile/").status_code == 200


def post(deployment: Deployment, path: str, body: dict[str, str]) -> requests.Response:
    return requests.post(f"{deployment.public_url}/api/v1/auth/{path}", json=body, timeout=20)
