"""The management commands that the function allows run from the deployed bundle.

The bundle omits most of Django's commands, and the others may import omitted ones.
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

# Command lines that change nothing, with a part of their output.
FORMS = {
    "check": "System check identified no issues",
    # Django warns, because the local API uses plain http.
    "check --deploy": "security.W004",
    "check --database default": "System check identified no issues",
    "clear_expired": "deleted",
    # No event is that old, so the command deletes nothing.
    "delete_old_audit_events --days 36500": "audit events: 0 deleted",
    "list_pool_changes --since 2000-01-01 --until 2000-01-02 --count": "has no change of users",
    "repeat_pool_changes --since 2000-01-01 --until 2000-01-02 --action delete_user": "0 changes",
    "migrate --plan": "No planned migration operations.",
    "migrate --check": "",
    "migrate --no-input": "No migrations to apply.",
    "sign_out_everyone --dry-run": "browser sessions: ",
    "showmigrations": "[X] 0001_initial",
    "showmigrations --plan": "[X]  accounts.0001_initial",
}
# Command lines that need a setting which the stage does not have, and say so.
WITHOUT_SETTING = {
    "deliver_audit_events": "AUDIT_EVENT_BUS is not set",
    "replay_audit_events --since 2026-01-01": "AUDIT_EVENT_BUS is not set",
}


def test_every_allowed_command_is_tested() -> None:
    assert {form.split()[0] for form in [*FORMS, *WITHOUT_SETTING]} == COMMANDS


@pytest.mark.parametrize("form", FORMS)
def test_command_runs_from_the_bundle(deployment: Deployment, form: str) -> None:
    assert FORMS[form] in deployed_function(deployment.local.target).manage(form)


@pytest.mark.parametrize("form", WITHOUT_SETTING)
def test_command_says_which_setting_it_needs(deployment: Deployment, form: str) -> None:
    with pytest.raises(InfraError, match=WITHOUT_SETTING[form]):
        deployed_function(deployment.local.target).manage(form)


@pytest.mark.parametrize("command", ["shell", "dumpdata", "makemigrations", "flush", ""])
def test_another_command_is_refused(deployment: Deployment, command: str) -> None:
    with pytest.raises(InfraError, match="not a command that runs here"):
        deployed_function(deployment.local.target).manage(command)


class Lambda:
    """A function that Lambda reports to have reached its time limit."""

    def invoke(self, **_: Any) -> dict[str, Any]:
        error = {"errorMessage": "2026-11-28T03:00:00Z 6f1e Task timed out after 29.00 seconds"}
        return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}


def test_error_of_a_command_beyond_the_time_limit_names_the_alternative() -> None:
    with pytest.raises(InfraError, match=r"docs/deploy\.md#long-migrations"):
        Function(Lambda(), "gatehouse-dev", polling_seconds=0).manage("migrate")
