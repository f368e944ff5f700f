"""Session tracking, which `deploy` switches on by API, in the local Cognito."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.stage.stages_file import checked_values
from infra.deploy.step import Run
from infra.deploy.user_pool.session_tracking import SessionTracking
from infra.deploy.user_pool.user_pool import UserPool
from infra.errors import InfraError
from infra.local.local_deployment import DEV, local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import hurry

CHANGED = ["the session tracking of the user pool"]


@pytest.fixture
def run_with(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Run]:
    """Return a function that begins a deployment of a stage whose pool exists."""
    hurry(monkeypatch, tmp_path)
    first = Run(local_target(empty_ministack, login_url="http://localhost:9"), tmp_path)
    UserPool().apply(first)

    def begin(**settings: Any) -> Run:
        target = replace(first.target, stage=replace(DEV, **settings))
        return Run(target, tmp_path, pool=first.pool)

    return begin


@pytest.mark.ministack
def test_tracking_and_limits_are_set_once_and_shown(run_with: Callable[..., Run]) -> None:
    step = SessionTracking()
    run = run_with(session_tracking=True, sessions_per_user=3, hosted_session_minutes=30)
    assert step.status(run.target) == ["session tracking: off"]
    assert step.preview(run) == ["Modify the session tracking of the user pool"]
    assert step.apply(run) == CHANGED
    assert step.preview(run) == step.apply(run) == []
    shown = ["session tracking: on, 3 sign-ins a user, hosted UI 30 minutes"]
    assert step.status(run.target) == shown

    unmanaged = run_with()
    assert step.preview(unmanaged) == step.apply(unmanaged) == []
    assert step.status(unmanaged.target) == shown

    assert step.apply(run_with(session_tracking=True)) == [], "omitted limits stay"
    assert step.apply(run_with(session_tracking=True, hosted_session_minutes=0)) == CHANGED
    assert step.apply(run_with(session_tracking=False)) == CHANGED
    assert step.status(run.target) == ["session tracking: off"]


@pytest.mark.ministack
def test_plan_of_a_new_stage_names_the_tracking(run_with: Callable[..., Run]) -> None:
    run = replace(run_with(session_tracking=True), pool={})
    assert SessionTracking().preview(run) == ["Add the session tracking of the user pool"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"session_tracking": "yes"}, "session_tracking = 'yes': expected true or false"),
        ({"session_tracking": True, "sessions_per_user": 101}, "from 1 to 100"),
        ({"session_tracking": True, "hosted_session_minutes": -1}, "from 0 to 129600"),
        ({"sessions_per_user": 3}, "no effect without session_tracking = true"),
        ({"session_tracking": False, "sessions_per_user": 3}, "no effect without"),
    ],
)
def test_invalid_setting_is_refused(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(InfraError, match=problem):
        checked_values("The stage", {"region": "eu-west-1", **settings})
