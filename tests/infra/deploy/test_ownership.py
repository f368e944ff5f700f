"""A stage changes only its own resources, and not during another change of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.cli import build_parser
from infra.deploy import commands
from infra.deploy.deployment import deploy, destroy, plan
from infra.deploy.function.secrets import has_secret
from infra.deploy.release.rollback import rollback
from infra.deploy.stage.target import Target
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from infra.occupied import occupied
from tests.infra.deploy.interruptions import make_function, small_bundle

pytestmark = pytest.mark.ministack

EMPTY = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
# The stack waits for a signal, so its creation is in progress during the whole test.
UNENDING = {
    "Resources": {
        **EMPTY["Resources"],
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "300"},
        },
    }
}


@pytest.fixture
def target(empty_ministack: MiniStack) -> Target:
    return local_target(empty_ministack, login_url="http://localhost:9")


def make_stack(target: Target, name: str, template: Any, **tags: str) -> None:
    target.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def refusals(target: Target, directory: Path) -> list[str]:
    """Return the message of each command. No command may change anything."""
    bundle = small_bundle(directory)
    found = []
    for command in (
        lambda: deploy(target, directory, database_url="postgres://x/y", bundle=bundle),
        lambda: plan(target, directory, bundle=bundle),
        lambda: destroy(target),
        lambda: rollback(target),
    ):
        with pytest.raises(InfraError) as refused:
            command()
        found.append(str(refused.value))
    assert not has_secret(target.client("secretsmanager"), target.stage.secret_name)
    return found


def test_error_names_all_stacks_of_another_owner(target: Target, tmp_path: Path) -> None:
    stage = target.stage
    make_stack(target, stage.cognito_stack, EMPTY, Project="gatehouse", Stage="other")
    make_stack(target, stage.platform_stack, EMPTY)
    make_stack(target, stage.domain_stack, EMPTY, Project="gatehouse", Stage="dev")
    for refusal in refusals(target, tmp_path):
        assert "Nothing was changed" in refusal
        assert f"the stack {stage.cognito_stack}: something else made it" in refusal
        assert f"the stack {stage.platform_stack}: something else made it" in refusal
        assert stage.domain_stack not in refusal
    stacks = target.client("cloudformation").list_stacks()["StackSummaries"]
    assert {stack["StackStatus"] for stack in stacks} == {"CREATE_COMPLETE"}


def test_function_of_another_owner_is_refused(target: Target, tmp_path: Path) -> None:
    make_function(target, small_bundle(tmp_path))
    for refusal in refusals(target, tmp_path):
        assert "the function gatehouse-dev: something else made it" in refusal


def test_stage_that_is_being_changed_is_refused(target: Target, tmp_path: Path) -> None:
    make_stack(target, target.stage.platform_stack, UNENDING, **target.stage.own_tags)
    *changes, rolled_back = refusals(target, tmp_path)
    # A rollback is possible during a change, but this stage has no release.
    assert rolled_back == "There is no gatehouse-dev to roll back."
    for refusal in changes:
        assert "is being changed (CREATE_IN_PROGRESS), perhaps by another deployment" in refusal
        assert "run the same command again when that has ended" in refusal


@pytest.mark.parametrize("command", ["deploy", "plan", "destroy"])
def test_second_command_in_the_same_checkout_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(commands, "WORK", tmp_path)
    options = build_parser().parse_args([command, "--stage", "dev"])
    options.yes = True
    with (
        occupied(tmp_path / "dev", "`infra deploy`"),
        pytest.raises(InfraError, match=r"is in use by `infra deploy`, process [0-9]+"),
    ):
        commands.run(options)
