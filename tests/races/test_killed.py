"""A process that is killed during requests leaves no partial change and grants no rights."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from psycopg import sql

from infra.local import django
from infra.local.ports import free_port
from infra.processes import Child
from tests.races.browser import HTTPBrowser
from tests.races.conftest import Deployment
from tests.races.test_races import count, make_renewals_due
from tests.support.clock import wait_until
from tests.support.environment import VARIABLES
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.provider.server import Server

LOGOUT, EVERYWHERE = "/accounts/logout/", "/accounts/sessions/end-all/"
PROFILE = "/accounts/profile/"


@dataclass(frozen=True)
class Mortal:
    """An application with its own database, which can be started again after it was killed."""

    deployment: Deployment
    start: Callable[[], AbstractContextManager[Child]]


@pytest.fixture
def mortal(postgresql_url: str, tmp_path: Path) -> Iterator[Mortal]:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE killed")
    database_url = urlsplit(postgresql_url)._replace(path="/killed").geturl()
    port = free_port()
    public_url = f"http://localhost:{port}"
    with Server().running() as server:
        provider = Provider(server, public_url)
        environment = {
            **VARIABLES,
            **provider.variables,
            "DJANGO_DEBUG": "true",
            "DATABASE_URL": database_url,
        }
        django.migrate(environment, log=tmp_path / "migrate.log")
        start = partial(
            django.server, environment, port=port, log=tmp_path / "django.log", reload=False
        )
        with server.serving(provider):
            yield Mortal(Deployment(public_url, database_url, provider), start)


@contextmanager
def locked(deployment: Deployment, table: str) -> Iterator[None]:
    """Lock the table, so that a transaction that writes to it waits before its commit."""
    with psycopg.connect(deployment.database_url) as connection:
        statement = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE")
        connection.execute(statement.format(sql.Identifier(table)))
        yield


def waiting(deployment: Deployment) -> int:
    """Return the number of connections that wait for a lock."""
    statement = sql.SQL(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    [(number,)] = deployment.query(statement)
    assert isinstance(number, int)
    return number


def connections(deployment: Deployment) -> int:
    """Return the number of connections, without the one that runs this query."""
    statement = sql.SQL(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    [(number,)] = deployment.query(statement)
    assert isinstance(number, int)
    return number


def users(deployment: Deployment) -> dict[object, tuple[object, object]]:
    """Return whether each user is staff, and their Django groups, by e-mail address."""
    rows = deployment.query(
        sql.SQL(
            "SELECT u.email, u.is_staff, coalesce(string_agg(g.name, ','), '') FROM accounts_user u"
            " LEFT JOIN accounts_user_groups m ON m.user_id = u.id"
            " LEFT JOIN auth_group g ON g.id = m.group_id GROUP BY u.id"
        )
    )
    return {email: (is_staff, groups) for email, is_staff, groups in rows}


def person(name: str, *groups: str) -> Person:
    return Person(email=f"{name}@example.com", groups=list(groups))


def signed_in(deployment: Deployment, who: Person) -> HTTPBrowser:
    deployment.provider.person = who
    return HTTPBrowser(deployment).signed_in()


def test_killed_process_leaves_the_old_state_or_the_new_one(mortal: Mortal) -> None:
    deployment = mortal.deployment
    provider = deployment.provider
    demoted, leaver, lost = person("demoted", "operators"), person("leaver"), person("lost")
    newcomer, verified_late = person("newcomer", "operators"), person("late", "operators")
    with mortal.start() as child, ThreadPoolExecutor(5) as threads:
        renewing, leaving = signed_in(deployment, demoted), signed_in(deployment, leaver)
        everywhere, elsewhere = signed_in(deployment, lost), signed_in(deployment, lost)
        assert renewing.page(PROFILE).status_code == 200
        forms = {LOGOUT: leaving.csrf_token(), EVERYWHERE: everywhere.csrf_token()}
        make_renewals_due(deployment, device_of(deployment, demoted))
        demoted.groups = []
        provider.person = newcomer
        arriving = HTTPBrowser(deployment)
        callback = arriving.callback_address()
        provider.person = verified_late
        half_way = HTTPBrowser(deployment)
        late_callback = half_way.callback_address()

        with locked(deployment, "accounts_auditevent"):
            answers: list[Future[requests.Response]] = [
                threads.submit(arriving.page, callback),
                threads.submit(renewing.page, PROFILE),
                threads.submit(leaving.post_form, LOGOUT, forms[LOGOUT]),
                threads.submit(everywhere.post_form, EVERYWHERE, forms[EVERYWHERE]),
            ]
            # Each request has written everything except its audit event.
            wait_until(lambda: waiting(deployment) == len(answers))
            exchanged = provider.hits("/oauth2/token")
            # One more request has redeemed its code, and waits for the key of its tokens.
            provider.behave(token="rotated_now", jwks="hang")
            fetched = provider.hits("jwks")
            answers.append(threads.submit(half_way.page, late_callback))
            wait_until(lambda: provider.hits("jwks") > fetched)
            assert provider.hits("/oauth2/token") == exchanged + 1
            os.kill(child.pid, signal.SIGKILL)
            for answer in answers:
                with pytest.raises(requests.ConnectionError):
                    answer.result(timeout=20)
        wait_until(lambda: connections(deployment) == 0)

    # No new user exists, the demoted user has the old rights, and no user has more rights.
    assert users(deployment) == {
        demoted.email: (True, "operators"),
        leaver.email: (False, ""),
        lost.email: (False, ""),
    }
    assert device_of(deployment, leaver) is None
    provider.behave()

    with mortal.start():
        assert renewing.page(PROFILE).status_code == 200
        assert users(deployment)[demoted.email] == (False, "")
        for left in (leaving, everywhere):
            assert left.page(PROFILE).status_code == 302
        # These users saw no confirmation, and the other device is still signed in.
        assert elsewhere.page(PROFILE).status_code == 200
        again = signed_in(deployment, lost)
        assert again.post_form(EVERYWHERE, again.csrf_token()).status_code == 302
        assert elsewhere.page(PROFILE).status_code == 302
        # No code is redeemed twice, and the next sign-in succeeds.
        exchanged = provider.hits("/oauth2/token")
        for browser, address in ((arriving, callback), (half_way, late_callback)):
            assert browser.page(address).status_code == 400
        assert provider.hits("/oauth2/token") == exchanged
        for who in (newcomer, verified_late):
            assert signed_in(deployment, who).page(PROFILE).status_code == 200
    assert count(deployment, "accounts_browsersession") == 3


def device_of(deployment: Deployment, who: Person) -> object:
    """Return the id of the user's only browser session, or None without a session."""
    statement = sql.SQL(
        "SELECT s.id FROM accounts_browsersession s JOIN accounts_user u ON u.id = s.user_id"
        " WHERE u.email = {}"
    )
    rows = deployment.query(statement.format(sql.Literal(who.email)))
    return rows[0][0] if rows else None
