"""What PostgreSQL keeps of the trail, and of refused requests."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest
import requests
from psycopg import sql

from accounts.refused_requests import WRITE_SECONDS
from tests.provider.people import Person
from tests.races.conftest import Deployment
from tests.races.test_races import Browser


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditevent SET detail = 'forged'",
        "DELETE FROM accounts_auditevent",
        "TRUNCATE accounts_auditevent",
        "TRUNCATE accounts_auditevent CASCADE",
    ],
)
def test_events_are_final_whatever_asks(deployment: Deployment, statement: str) -> None:
    deployment.provider.person = Person()
    Browser(deployment).signed_in()
    everything = sql.SQL("SELECT * FROM accounts_auditevent ORDER BY id")
    before = deployment.query(everything)
    assert before
    with pytest.raises(psycopg.errors.RestrictViolation, match="neither changed nor deleted"):
        deployment.query(sql.SQL(statement))
    assert deployment.query(everything) == before


def test_a_retention_rule_is_carried_out_as_documented(deployment: Deployment) -> None:
    page = Path(__file__).parents[2] / "docs/operators.md"
    _, _, rest = page.read_text("utf-8").partition("```sql\n")
    documented = sql.SQL(rest.partition("```")[0])
    deployment.query(
        sql.SQL(
            "INSERT INTO accounts_auditevent (at, action, outcome, detail, actor_sub, actor_label, "
            "subject_sub, subject_label, user_agent, request_id) "
            "SELECT now() - age, 'sign_in', 'success', '', 'kept', '', '', '', '', '' "
            "FROM unnest(array['1 year', '3 years']::interval[]) age"
        )
    )
    deployment.query(documented)
    left = sql.SQL("SELECT count(*) FROM accounts_auditevent WHERE actor_sub = 'kept'")
    assert deployment.query(left) == [(1,)]
    with pytest.raises(psycopg.errors.RestrictViolation):
        deployment.query(sql.SQL("DELETE FROM accounts_auditevent"))


def test_refused_requests_are_counted_without_a_row_each(deployment: Deployment) -> None:
    rows: list[tuple[object, ...]] = []
    # A process writes every ten seconds at most, and may have written just before.
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
    assert 1 <= len(rows) <= 2, "one for each hour"
