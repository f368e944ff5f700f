"""The management commands that the function runs, each from the deployed bundle.

The bundle leaves out most of Django's commands, and those that stay may import others.
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from infra.deploy.function.function import Function, deployed_function
from infra.errors import InfraError
from project.lambda_entry import COMMANDS
from tests.support.deployment import Deployment

pytestmark = pytest.mark.ministack

# Forms of each command that change nothing, with a part of what it prints.
FORMS = {
    "check": "System check identified no issues",
    # The local API speaks plain http, about which Django warns.
    "check --deploy": "security.W004",
    "check --database default": "System check identified no issues",
    "clear_expired": "deleted",
    # It deletes what is a hundred years old.
    "delete_old_audit_events --days 36500": "audit events: 0 deleted",
    "migrate --plan": "No planned migration operations.",
    "migrate --check": "",
    "migrate --no-input": "No migrations to apply.",
    "showmigrations": "[X] 0001_initial",
    "showmigrations --plan": "[X]  accounts.0001_initial",
}


def test_every_command_is_tried() -> None:
    assert {form.split()[0] for form in FORMS} == COMMANDS


@pytest.mark.parametrize("form", FORMS)
def test_a_command_runs_from_the_bundle(deployment: Deployment, form: str) -> None:
    assert FORMS[form] in deployed_function(deployment.local.target).manage(form)


@pytest.mark.parametrize("command", ["shell", "dumpdata", "makemigrations", "flush", ""])
def test_another_command_is_refused(deployment: Deployment, command: str) -> None:
    with pytest.raises(InfraError, match="not a command that runs here"):
        deployed_function(deployment.local.target).manage(command)


class Lambda:
    """A function that is ended at its time limit, as Lambda reports it."""

    def invoke(self, **_: Any) -> dict[str, Any]:
        error = {"errorMessage": "2026-11-28T03:00:00Z 6f1e Task timed out after 29.00 seconds"}
        return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}


def test_command_beyond_the_time_limit_names_the_alternative() -> None:
    with pytest.raises(InfraError, match=r"docs/deploy\.md#long-migrations"):
        Function(Lambda(), "gatehouse-dev", polling_seconds=0).manage("migrate")
