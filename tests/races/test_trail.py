"""The audit trail and the counts of refused requests on PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import time

import psycopg
import pytest
import requests
from psycopg import sql

from accounts.process.refusal_tally import WRITE_SECONDS
from infra.environments import APP, ROOT
from tests.races.browser import HTTPBrowser
from tests.races.conftest import Deployment
from tests.support.environment import VARIABLES
from tests.support.provider.people import Person


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditevent SET detail = 'forged'",
        "DELETE FROM accounts_auditevent",
        "TRUNCATE accounts_auditevent",
        "TRUNCATE accounts_auditevent CASCADE",
    ],
)
def test_database_refuses_to_change_or_delete_audit_events(
    deployment: Deployment, statement: str
) -> None:
    deployment.provider.person = Person()
    HTTPBrowser(deployment).signed_in()
    everything = sql.SQL("SELECT * FROM accounts_auditevent ORDER BY id")
    before = deployment.query(everything)
    assert before
    with pytest.raises(psycopg.errors.RestrictViolation, match="neither changed nor deleted"):
        deployment.query(sql.SQL(statement))
    assert deployment.query(everything) == before


@pytest.mark.parametrize("nul", ["", "\0"])
def test_long_labels_and_labels_with_a_nul_are_stored(deployment: Deployment, nul: str) -> None:
    many = [f"group-{number:03}-{'g' * 100}" for number in range(12)]
    deployment.provider.person = Person(
        name=f"Ada{nul}" + "n" * 1_000,
        email=f"e{nul}" * 400 + "@example.com",
        groups=["operators", *many, *([f"a{nul}b"] if nul else [])],
    )
    browser = HTTPBrowser(deployment)
    browser.headers["User-Agent"] = "x" * 2_000
    browser.signed_in()
    [(name, email)] = deployment.query(
        sql.SQL("SELECT left(name, 3), left(email, 3) FROM accounts_user")
    )
    assert (name, email) == ("Ada", "eee")
    [(groups,)] = deployment.query(sql.SQL("SELECT groups FROM accounts_browsersession"))
    # A groups claim with an invalid name counts as no groups.
    assert groups == ([] if nul else sorted([*many, "operators"]))
    changes = deployment.query(
        sql.SQL(
            "SELECT length(detail) FROM accounts_auditevent WHERE action = 'group_change' "
            "AND actor_sub = {}"
        ).format(sql.Literal(deployment.provider.person.sub))
    )
    assert changes == ([] if nul else [(400,)])


def add_events(deployment: Deployment, *ages: str) -> None:
    deployment.query(
        sql.SQL(
            "INSERT INTO accounts_auditevent (at, action, outcome, detail, actor_sub, actor_label, "
            "subject_sub, subject_label, user_agent, request_id) "
            "SELECT now() - age, 'sign_in', 'success', '', 'aged', '', '', '', '', '' "
            "FROM unnest({}::interval[]) age"
        ).format(sql.Literal(list(ages)))
    )


def test_retention_command_deletes_old_events_on_postgresql(deployment: Deployment) -> None:
    add_events(deployment, "1 year", "3 years")
    command = ["manage.py", "delete_old_audit_events", "--days", "730"]
    answer = subprocess.run(
        [APP.python, *command],
        cwd=ROOT,
        env=os.environ | VARIABLES | {"DATABASE_URL": deployment.database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    [deleted] = re.findall(r"audit events: ([1-9]\d*) deleted", answer.stdout)
    too_old = "SELECT count(*) FROM accounts_auditevent WHERE at < now() - interval '730 days'"
    assert deployment.query(sql.SQL(too_old)) == [(0,)]
    kept = "SELECT count(*) > 0 FROM accounts_auditevent WHERE at < now() - interval '360 days'"
    assert deployment.query(sql.SQL(kept)) == [(True,)]
    [(label, detail)] = deployment.query(
        sql.SQL(
            "SELECT actor_label, detail FROM accounts_auditevent "
            "WHERE action = 'delete_audit_events' ORDER BY id DESC LIMIT 1"
        )
    )
    assert (label, detail) == ("command line", f"{deleted} events older than 730 days")


@pytest.mark.parametrize("days", ["'29'", "'1'", "''", "'0'", "'-5'"])
def test_recent_events_are_kept_with_any_retention_setting(
    deployment: Deployment, days: str
) -> None:
    add_events(deployment, "2 days", "29 days 23 hours")
    statement = sql.SQL("DELETE FROM accounts_auditevent WHERE actor_sub = 'aged'")
    with psycopg.connect(deployment.database_url) as connection:
        query = sql.SQL("SELECT set_config('gatehouse.audit_event_days', {}, true)")
        connection.execute(query.format(sql.SQL(days)))
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(statement)


def test_retention_setting_allows_no_change_of_old_events(deployment: Deployment) -> None:
    add_events(deployment, "3 years")
    for statement in ("UPDATE accounts_auditevent SET detail = ''", "TRUNCATE accounts_auditevent"):
        with psycopg.connect(deployment.database_url) as connection:
            connection.execute("SELECT set_config('gatehouse.audit_event_days', '30', true)")
            with pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute(sql.SQL(statement))


# begin capability console
def test_refused_requests_are_counted_without_a_row_each(deployment: Deployment) -> None:
    rows: list[tuple[object, ...]] = []
    # A process writes at most every ten seconds, and may have written just before.
    deadline = time.monotonic() + WRITE_SECONDS + 5
    while not rows and time.monotonic() < deadline:
        for _ in range(20):
            answer = requests.get(
                f"{deployment.public_url}/api/v1/me",
                headers={"Authorization": "Bearer made.up.token"},
                timeout=20,
            )
            assert answer.status_code == 401
        rows = deployment.query(
            sql.SQL("SELECT count FROM accounts_refusalcount WHERE status = 401")
        )
        time.sleep(0.2)
    assert 1 <= len(rows) <= 2, "expected one row for each hour"


# end capability console
