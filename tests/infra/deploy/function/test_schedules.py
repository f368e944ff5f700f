"""The schedules of zappa_settings.json, which call the alias."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.deploy.function.schedules import (
    Schedules,
    delete_rules_of_zappa,
    schedules,
    schedules_template,
)
from infra.deploy.stage import zappa_settings
from infra.deploy.step import FormerStacks, Run
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import make_function, small_bundle


def test_schedules_follow_the_settings_of_zappa() -> None:
    assert schedules("dev") == {"clear_expired": ["rate(15 minutes)"]}
    assert schedules("prod") == {
        "clear_expired": ["rate(15 minutes)"],
        "keep-warm": ["rate(4 minutes)"],
    }
    # A stage that is not in the file gets the settings of dev.
    assert schedules("another") == schedules("dev")


def test_name_of_a_rule_ends_with_the_name_of_its_event() -> None:
    rates = {"clear_expired": ["rate(1 day)", "rate(2 days)"]}
    template = schedules_template("gatehouse-dev", rates)
    names = [
        resource["Properties"]["Name"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Events::Rule"
    ]
    assert names == ["gatehouse-dev-clear_expired", "gatehouse-dev-1-clear_expired"]


def test_event_without_a_schedule_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "zappa_settings.json"
    source = {"arn": "arn:aws:s3:::x", "events": ["s3:ObjectCreated:*"]}
    event = {"function": "x.y", "event_source": source}
    file.write_text(json.dumps({"dev": {"events": [event]}}))
    monkeypatch.setattr(zappa_settings, "SETTINGS", file)
    with pytest.raises(InfraError, match=r"the event x\.y has no `expression`"):
        schedules("dev")


@pytest.mark.ministack
def test_only_rules_of_zappa_are_deleted(empty_ministack: MiniStack) -> None:
    target = local_target(empty_ministack, login_url="http://localhost:9")
    function = "arn:aws:lambda:eu-west-1:000000000000:function:gatehouse-dev"
    events = target.client("events")
    role = {"RoleArn": "arn:aws:iam::000000000000:role/function"}
    for name, called, of_zappa in (
        ("gatehouse-dev-project.lambda_entry.clear_expired", function, role),
        ("0123abcd-hashed-by-zappa", function, role),
        # An interrupted deletion has already removed the target of this rule.
        ("gatehouse-dev-zappa-keep-warm-handler.keep_warm_callback", None, role),
        ("gatehouse-dev-clear_expired", f"{function}:live", {}),
        ("gatehouse-dev-of-another-function", f"{function}-other", role),
        # A rule of a deployer, which deletes old audit events.
        ("delete-old-audit-events", function, {}),
    ):
        events.put_rule(Name=name, ScheduleExpression="rate(1 day)", **of_zappa)
        if called:
            events.put_targets(Rule=name, Targets=[{"Id": "x", "Arn": called}])
    assert delete_rules_of_zappa(target, function)
    assert {rule["Name"] for rule in events.list_rules()["Rules"]} == {
        "delete-old-audit-events",
        "gatehouse-dev-clear_expired",
        "gatehouse-dev-of-another-function",
    }
    assert not delete_rules_of_zappa(target, function)


@pytest.mark.ministack
def test_schedules_that_are_no_longer_configured_are_deleted(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = local_target(empty_ministack, login_url="http://localhost:9")
    arn = "arn:aws:lambda:eu-west-1:000000000000:function:gatehouse-dev"
    make_function(target, small_bundle(tmp_path))
    run, former = Run(target, tmp_path, function_arn=arn), FormerStacks(Schedules())
    target.client("lambda").create_alias(
        FunctionName=target.stage.function_name, Name="live", FunctionVersion="1"
    )
    assert Schedules().apply(run) == ["the schedules"]
    assert former.preview(run) == []
    file = tmp_path / "zappa_settings.json"
    file.write_text(json.dumps({"dev": {"keep_warm": False}}))
    monkeypatch.setattr(zappa_settings, "SETTINGS", file)
    assert former.preview(run) == ["Remove the stack gatehouse-dev-schedules"]
    assert former.apply(run) == ["the stack gatehouse-dev-schedules, which is deleted"]
    assert target.client("events").list_rules()["Rules"] == []
