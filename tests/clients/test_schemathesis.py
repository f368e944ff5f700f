"""Requests that nobody would write, made from the OpenAPI document: every check of Schemathesis."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from infra.tokens import access_token
from tests.clients.conftest import ApiSite
from tests.e2e.people import PASSWORD, have_user

pytestmark = pytest.mark.ministack

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# They end what the token of the run is of: one alone would make the rest of it a row of 401.
FINAL = "^(delete_account|sign_out_everywhere)$"
# Enough that each operation meets its neighbours; the documented command goes further.
CASES = int(os.environ.get("SCHEMATHESIS_CASES", "20"))
SECONDS = 600


def token_of(api_site: ApiSite, email: str) -> str:
    stack = api_site.stack
    have_user(stack, email)
    return access_token(
        stack.aws.cognito(),
        client_id=stack.pool.web_client_id,
        client_secret=stack.pool.web_client_secret,
        email=email,
        password=PASSWORD,
    )


def cursor_of(api_site: ApiSite, token: str) -> str:
    """A place between two notes."""
    notes, bearer = api_site.url("/api/v1/notes"), {"Authorization": f"Bearer {token}"}
    for title in ("first", "second"):
        requests.post(notes, headers=bearer, json={"title": title}, timeout=10)
    page = requests.get(f"{notes}?limit=1", headers=bearer, timeout=10).json()
    cursor: str = page["next_cursor"]
    return cursor


def schemathesis(api_site: ApiSite, token: str, cases: int, directory: Path, *options: str) -> str:
    """What it reports. Its seed is fixed: a finding is one again the next time."""
    finished = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", CONFIGURATION, "--no-color"),
            *("run", api_site.url("/api/v1/schema")),
            *("--max-examples", str(cases), "--seed", "1", "--workers", "2"),
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        # It keeps what it found there.
        cwd=directory,
        check=False,
        env={
            "API_TOKEN": token,
            "A_CURSOR": cursor_of(api_site, token),
            "NO_PROXY": "localhost",
        },
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_nothing_it_thinks_of_is_answered_otherwise_than_documented(
    api_site: ApiSite, tmp_path: Path
) -> None:
    token = token_of(api_site, "fuzz@example.com")
    report = schemathesis(api_site, token, CASES, tmp_path, "--exclude-operation-id-regex", FINAL)
    (generated,) = re.findall(r"(\d+) generated", report)
    assert int(generated) > 1000, report


def test_nor_where_it_ends_what_it_came_with(api_site: ApiSite, tmp_path: Path) -> None:
    token = token_of(api_site, "fuzz-finally@example.com")
    schemathesis(api_site, token, 10, tmp_path, "--include-operation-id-regex", FINAL)
