"""Simultaneous sign-outs, and revocations that PostgreSQL commits late."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import requests
from psycopg import sql

from cognito import deadlines
from tests.races.browser import HTTPBrowser
from tests.races.conftest import Deployment
from tests.support.clock import wait_until
from tests.support.provider.people import Person

ROWS = sql.SQL("SELECT count(*) FROM accounts_revocation WHERE sub = {}")


def bearer(deployment: Deployment) -> tuple[Person, dict[str, str]]:
    person = deployment.provider.person = Person()
    deployment.provider.pool.access_tokens.clear()
    HTTPBrowser(deployment).signed_in()
    (token,) = deployment.provider.pool.access_tokens
    return person, {"Authorization": f"Bearer {token}"}


def test_simultaneous_sign_outs_everywhere_leave_one_row(deployment: Deployment) -> None:
    person, headers = bearer(deployment)
    address = f"{deployment.public_url}/api/v1/auth/sign-out-everywhere"

    def sign_out(_: int) -> int:
        return requests.post(address, headers=headers, timeout=20).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(sign_out, range(8)))
    # The last requests may find that their token is already revoked.
    assert statuses <= {204, 401}
    assert 204 in statuses
    assert deployment.query(ROWS.format(person.sub)) == [(1,)]


def test_row_committed_after_a_row_with_a_higher_key_takes_effect(deployment: Deployment) -> None:
    person, headers = bearer(deployment)
    address = f"{deployment.public_url}/api/v1/me"
    insert = sql.SQL(
        "INSERT INTO accounts_revocation (issuer, origin_jti, sub, signed_in_until, expires_at)"
        " SELECT issuer, '', {}, now() + interval '1 minute', now() + interval '1 day'"
        " FROM accounts_user LIMIT 1"
    )
    with psycopg.connect(deployment.database_url) as late:
        late.execute(insert.format(person.sub))
        deployment.query(insert.format("another user"))
        assert requests.get(address, headers=headers, timeout=20).status_code == 200
        # The process reads the list every 5 s, and has now read the row with the higher key.
        time.sleep(deadlines.REVOCATION_PULL_SECONDS + 0.2)
        assert requests.get(address, headers=headers, timeout=20).status_code == 200
    wait_until(
        lambda: requests.get(address, headers=headers, timeout=20).status_code == 401, seconds=8
    )
