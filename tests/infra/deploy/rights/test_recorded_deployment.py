"""The printed policy allows each call of a deployment, and nothing can be removed from it.

The bundle has one file, so that a deployment takes a second. The templates, Zappa and the local AWS
are real.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.aws.stacks import describe_stack, explain_failure, validation_errors
from infra.deploy.deployment import deploy, destroy, plan, status
from infra.deploy.function.function import deployed_function
from infra.deploy.function.network import isolated_subnets
from infra.deploy.outputs import outputs
from infra.deploy.release.rollback import rollback
from infra.deploy.rights.policy import deployer_policy
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.local.local_deployment import local_stage, local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.function.test_network import Network
from tests.infra.deploy.interruptions import HANDLER, hurry, small_bundle
from tests.infra.deploy.rights.calls import Recorder
from tests.infra.deploy.rights.forms import FORMS, handled, unique
from tests.infra.deploy.rights.iam import Request, allows
from tests.infra.deploy.rights.test_policy import use_zappa_settings

pytestmark = pytest.mark.ministack


def recorded(ministack: MiniStack, stage: Stage, directory: Path) -> list[Request]:
    """Return the requests of every command of a stage, from its creation to its end."""
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch, directory)
        recorder = Recorder(patch)
        use_stage(local_target(ministack, login_url="http://localhost:9", stage=stage), directory)
    return recorder.requests(stage)


def use_stage(target: Target, directory: Path) -> None:
    bundle = small_bundle(directory)
    deploy(target, directory, database_url="postgres://x/y", bundle=bundle)
    # Zappa alone would leave the function at x86_64.
    configuration = deployed_function(target).configuration()
    assert configuration is not None
    assert configuration["Runtime"] == target.stage.runtime
    assert configuration["Architectures"] == ["arm64"]
    changed = small_bundle(directory, HANDLER + "\n")
    plan(target, directory, bundle=changed)
    deploy(target, directory, database_url="postgres://x/z", bundle=changed)
    outputs(target)
    status(target)
    rollback(target)
    # Only a failure asks for these.
    cloudformation = target.client("cloudformation")
    stack = describe_stack(cloudformation, target.stage.platform_stack)
    assert stack is not None
    explain_failure(cloudformation, stack)
    validation_errors(cloudformation, StackName=target.stage.platform_stack)
    destroy(target)


def describe_network(ministack: MiniStack) -> list[Request]:
    """Return the requests of `status` for a function in a VPC."""
    ec2 = local_target(ministack, login_url="http://localhost:9").client("ec2")
    subnet = Network(ec2).subnet()
    with pytest.MonkeyPatch.context() as patch:
        recorder = Recorder(patch)
        assert isolated_subnets(ec2, [subnet]) == [subnet]
    return recorder.requests(FORMS["VPC"].stage)


def test_policy_allows_each_call_of_a_deployment_and_nothing_can_be_removed(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = "gatehouse.localhost"
    front = local_stage(empty_ministack, authorizer="user-pool", domain=domain)
    calls = {}
    for name, local in (("default", local_stage(empty_ministack)), ("domain", front)):
        stage = replace(local, architecture="arm64")
        directory = tmp_path / name
        directory.mkdir()
        calls[name] = recorded(empty_ministack, stage, directory)
        assert len(calls[name]) > 60
    calls |= {name: calls["domain"] for name in FORMS if FORMS[name].stage.has_gateway}
    calls["VPC"] = calls["default"] + describe_network(empty_ministack)
    problems = {}
    for name, form in FORMS.items():
        use_zappa_settings(monkeypatch, form)
        needed = unique([*calls.get(name, calls["default"]), *handled(form)])
        problems[name] = [*refused_and_spare(deployer_policy(form.stage), needed)]
    assert {name: found for name, found in problems.items() if found} == {}


def refused_and_spare(policy: Mapping[str, Any], needed: Sequence[Request]) -> Iterator[str]:
    """Yield the requests that the policy refuses, and the actions that it does not need."""
    parts = [
        (f"{number} {action}", {"Statement": [{**statement, "Action": [action]}]})
        for number, statement in enumerate(policy["Statement"])
        for action in statement["Action"]
    ]
    necessary = set()
    for request in needed:
        allowing = [name for name, part in parts if allows(part, request)]
        if not allowing:
            yield f"refused: {request}"
        if len(allowing) == 1:
            # Without this action, the request would be refused.
            necessary.add(allowing[0])
    yield from (f"not needed: {name}" for name, _ in parts if name not in necessary)
