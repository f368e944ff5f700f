"""Processes that continue from a snapshot, under AWS's own runtime client."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts import process
from cognito.testing import TokenFactory, signing_key
from infra.environments import ROOT
from project.aws_lambda import snapshot
from tests.project.aws_lambda.test_gateway_event import REST, made
from tests.support.environment import VARIABLES
from tests.support.runtime_api import FunctionFailed, function

KEY = signing_key("pool")
TOKENS = TokenFactory(
    KEY,
    issuer=f"https://cognito-idp.eu-west-1.amazonaws.com/{VARIABLES['COGNITO_USER_POOL_ID']}",
    client_id=VARIABLES["COGNITO_CLIENT_ID"],
)
PROBE = {"probe": True}


def me() -> dict[str, Any]:
    # Made when it is sent: it is valid for five minutes.
    token = TOKENS.access(origin_jti="signed-in")
    headers = {"Host": ["localhost:8000"], "Authorization": [f"Bearer {token}"]}
    return made(REST, path="/api/v1/me", multiValueHeaders=headers)


@pytest.fixture
def database(db: None, tmp_path: Path) -> Path:
    """Return a file with the schema of the tests' database."""
    file = tmp_path / "database.sqlite3"
    connection.ensure_connection()
    file.write_bytes(connection.connection.serialize())
    return file


@pytest.fixture
def variables(database: Path) -> dict[str, str]:
    return VARIABLES | {
        "DATABASE_URL": f"sqlite:///{database}",
        "COGNITO_JWKS": json.dumps({"keys": [KEY.jwk()]}),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
        "LOG_LEVEL": "INFO",
    }


@pytest.mark.slow
def test_two_processes_of_one_snapshot_share_nothing_that_must_be_their_own(
    database: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "function.log"
    client = "tests.project.aws_lambda.forking_client"
    command = [
        *(sys.executable, "-m", client),
        "tests.project.aws_lambda.restored_function.handler",
    ]
    served = {"SERVED_BEFORE": json.dumps([me(), PROBE])}
    with function(command, ROOT, variables=variables | served, log=log) as api:
        api.wait_for_snapshot()
        assert "GET /api/v1/me 200" in log.read_text()
        # The list of revocations in the snapshot is a moment old, by the clock of the snapshot.
        revoke(database, "signed-in")
        api.restore()
        first, second = api.invoke_each([PROBE, PROBE])
        for name in ("process", "pseudorandom", "random"):
            assert first[name] != second[name], name
        for found in (first, second):
            assert not found["has the state of the snapshot"]
            assert not found["knows keys"]
            assert not found["revocations are complete"]
            assert not found["is connected"]
            assert found["connections so far"] == []
            assert found["counts"] == {"ColdStarts": 1}
        answers = api.invoke_each([me(), me()])
        assert [answer["statusCode"] for answer in answers] == [401, 401]
        assert [found["is connected"] for found in api.invoke_each([PROBE, PROBE])] == [True, True]


def revoke(database: Path, origin_jti: str) -> None:
    with sqlite3.connect(database) as connected:
        connected.execute(
            "INSERT INTO accounts_revocation"
            " (issuer, origin_jti, sub, signed_in_until, expires_at)"
            " VALUES (?, ?, '', datetime('now'), datetime('now', '+1 hour'))",
            [TOKENS.issuer, origin_jti],
        )
    connected.close()


@pytest.mark.slow
def test_version_without_hooks_does_not_start(variables: dict[str, str], tmp_path: Path) -> None:
    """Lambda would not publish it: its processes would share their state."""
    (tmp_path / "snapshot_restore_py.py").write_text("raise ModuleNotFoundError('no hooks')")
    command = [sys.executable, "-m", "awslambdaric", "project.lambda_entry.handler"]
    without = variables | {"PYTHONPATH": str(tmp_path)}
    with (
        function(command, ROOT, variables=without, log=tmp_path / "function.log") as api,
        pytest.raises(FunctionFailed, match="no hooks"),
    ):
        api.wait_for_snapshot()


def test_state_of_the_process_is_renewed(fresh_process: process.ProcessState) -> None:
    fresh_process.has_all_migrations = True  # only with console
    snapshot.after_restore()
    assert process.current is not fresh_process
    assert not process.current.has_all_migrations  # only with console
    assert process.current.aws is not fresh_process.aws
    assert process.current.aws.observer is process.current.metrics
