"""The order of the steps of a deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.deploy import deployment
from infra.deploy.deployment import STEPS, deploy, destroy, plan, status
from infra.deploy.function.platform import Platform
from infra.deploy.function.schedules import Schedules
from infra.deploy.gateway.domain import Domain
from infra.deploy.gateway.gateway import Gateway
from infra.deploy.release.release import Migrations, NewVersion, NewVersionSmokeTest, Release
from infra.deploy.release.smoke import SmokeTest
from infra.deploy.stage.target import Target
from infra.deploy.step import FormerStacks, Run, Step
from infra.deploy.user_pool.user_pool import UserPool
from infra.deploy.zappa.function_code import FunctionCode
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack


@pytest.mark.parametrize(
    "order",
    [
        # The role names the user pool, and the function has the role.
        (UserPool, Platform, FunctionCode),
        # The alias moves only to a version that passed its tests.
        (FunctionCode, NewVersion, Migrations, NewVersionSmokeTest, Release),
        # An API of a former configuration is deleted after the domain leads to the new one.
        (Release, Gateway, Domain, FormerStacks, SmokeTest),
        (Release, Schedules, FormerStacks),
    ],
)
def test_step_comes_after_the_steps_that_it_depends_on(order: tuple[type[Step], ...]) -> None:
    kinds = [type(step) for step in STEPS]
    positions = [kinds.index(kind) for kind in order]
    assert positions == sorted(positions)


class RecordedStep(Step):
    """A step that records its calls."""

    def __init__(self, name: str) -> None:
        self.name = name

    def preview(self, run: Run) -> list[str]:
        return [f"preview {self.name} of {run.target.stage.name}"]

    def apply(self, run: Run) -> list[str]:
        return [f"apply {self.name} to {run.target.stage.name}"]

    def destroy(self, target: Target) -> list[str]:
        return [f"destroy {self.name} of {target.stage.name}"]

    def status(self, target: Target) -> list[str]:
        return [f"status {self.name} of {target.stage.name}"]


class FailingStep(Step):
    name = "the failing step"

    def apply(self, run: Run) -> list[str]:
        del run
        raise ValueError("out of order")


@pytest.fixture
def target(empty_ministack: MiniStack) -> Target:
    return local_target(empty_ministack, login_url="http://localhost:9")


@pytest.mark.ministack
def test_destroy_runs_the_steps_in_reverse_order(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment, "STEPS", (RecordedStep("one"), RecordedStep("two")))
    changes = deploy(target, tmp_path, database_url=None).changes
    assert changes == ["apply one to dev", "apply two to dev"]
    assert plan(target, tmp_path) == ["preview one of dev", "preview two of dev"]
    assert status(target) == ["status one of dev", "status two of dev"]
    assert destroy(target) == ["destroy two of dev", "destroy one of dev"]


@pytest.mark.ministack
def test_failed_step_is_named_and_ends_the_deployment(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unreached(Step):
        name = "unreached"

        def apply(self, run: Run) -> list[str]:
            del run
            raise AssertionError("applied after a failed step")

    monkeypatch.setattr(deployment, "STEPS", (FailingStep(), Unreached()))
    with pytest.raises(InfraError, match=r"^The failing step: out of order\n.*same command again"):
        deploy(target, tmp_path, database_url=None)
