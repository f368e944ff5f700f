"""What PostgreSQL keeps of the trail, and of refused requests."""

from __future__ import annotations

import psycopg
import pytest
import requests
from psycopg import sql

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


def test_refused_requests_are_counted_without_a_row_each(deployment: Deployment) -> None:
    for _ in range(20):
        answer = requests.get(
            f"{deployment.public_url}/api/v1/me",
            headers={"Authorization": "Bearer made.up.token"},
            timeout=20,
        )
        assert answer.status_code == 401
    rows = deployment.query(sql.SQL("SELECT count FROM accounts_refusalcount WHERE status = 401"))
    assert 1 <= len(rows) <= 2, "one for each hour"
