"""Requests that Schemathesis generates from the OpenAPI document, with all its checks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from api.operators import openapi as operators
from infra.local.ministack import MiniStack
from infra.local.pool import provision_pool
from infra.local.ports import free_port
from infra.tokens import access_token
from infra.users import ensure_user
from tests.support.application import Stack, directory_of_run, running_application

pytestmark = pytest.mark.ministack

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# These operations invalidate the token of the run: every request after them would be 401.
FINAL = ("deleteMe", "signOutEverywhere")
# begin capability console
OPERATOR_OPERATIONS = tuple(
    operation.id for methods in operators.OPERATIONS.values() for operation in methods.values()
)
# end capability console
# Random cases of each operation. The phase `coverage`, which tries the bounds of each value, does
# not depend on this number. The documented command runs more.
CASES = int(os.environ.get("SCHEMATHESIS_CASES", "8"))
SECONDS = 600
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run the application with its own pool, because operator requests delete users and groups."""
    with MiniStack.started() as aws:
        port = free_port()
        public_url = f"http://localhost:{port}"
        directory = tmp_path_factory.mktemp("schemathesis")
        pool = provision_pool(aws, public_url=public_url)
        stack = Stack(
            aws,
            pool,
            port,
            login_url=f"http://localhost:{free_port()}",
            login_log=directory / "login.log",
            app_url=public_url,
            run=directory_of_run(tmp_path_factory),
        )
        with running_application(stack, directory):
            yield stack


def token_of(stack: Stack, email: str, *groups: str) -> str:
    ensure_user(
        stack.aws.cognito(),
        user_pool_id=stack.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=groups,
    )
    return access_token(
        stack.aws.cognito(),
        client_id=stack.pool.web_client_id,
        client_secret=stack.pool.web_client_secret,
        email=email,
        password=PASSWORD,
    )


def cursor_of(stack: Stack, token: str) -> str:
    """Return a cursor between two notes."""
    notes, bearer = f"{stack.public_url}/api/v1/notes", {"Authorization": f"Bearer {token}"}
    for title in ("first", "second"):
        requests.post(notes, headers=bearer, json={"title": title}, timeout=10)
    page = requests.get(f"{notes}?limit=1", headers=bearer, timeout=10).json()
    cursor: str = page["next_cursor"]
    return cursor


def schemathesis(stack: Stack, token: str, cases: int, directory: Path, *options: str) -> str:
    """Run Schemathesis and return its report. The fixed seed makes failures repeatable."""
    finished = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", CONFIGURATION, "--no-color"),
            *("run", f"{stack.public_url}/api/v1/schema"),
            # One worker, because several threads that parse Python sometimes crash Python 3.11.
            *("--max-examples", str(cases), "--seed", "1", "--workers", "1"),
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        # Schemathesis stores its failures in the working directory.
        cwd=directory,
        check=False,
        env={
            "API_TOKEN": token,
            "A_CURSOR": cursor_of(stack, token),
            "NO_PROXY": "localhost",
            # Hypothesis keeps its tables of characters there, which take seconds to make.
            "HYPOTHESIS_STORAGE_DIRECTORY": os.environ["HYPOTHESIS_STORAGE_DIRECTORY"],
        },
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def any_of(*operation_ids: str) -> str:
    return f"^({'|'.join(operation_ids)})$"


def cases_of(report: str) -> int:
    (generated,) = re.findall(r"(\d+) generated", report)
    return int(generated)


def test_responses_to_a_user_match_the_document(api: Stack, tmp_path: Path) -> None:
    token = token_of(api, "person@example.com")
    others: tuple[str, ...] = FINAL
    others += OPERATOR_OPERATIONS  # only with console
    # One pattern, because several filters exclude only operations that match all of them.
    of_users = ("--exclude-operation-id-regex", any_of(*others))
    assert cases_of(schemathesis(api, token, CASES, tmp_path, *of_users)) > 1000


# begin capability console
def test_responses_to_an_operator_match_the_document(api: Stack, tmp_path: Path) -> None:
    token = token_of(api, "operator@example.com", "operators")
    only_operators = ("--include-operation-id-regex", any_of(*OPERATOR_OPERATIONS))
    assert cases_of(schemathesis(api, token, CASES, tmp_path, *only_operators)) > 600


# end capability console


def test_responses_of_operations_that_end_the_token_match_the_document(
    api: Stack, tmp_path: Path
) -> None:
    token = token_of(api, "leaving@example.com")
    schemathesis(api, token, 10, tmp_path, "--include-operation-id-regex", any_of(*FINAL))
