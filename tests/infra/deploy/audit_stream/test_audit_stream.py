"""The stack of the audit stream, on the local AWS and as a template."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from infra.aws.template import load_template, render
from infra.deploy.audit_stream.audit_stream import AuditStream
from infra.deploy.deployment import deploy, destroy
from infra.deploy.function.function import ALIAS, deployed_function, environment_of
from infra.deploy.stage.stages_file import checked_values
from infra.deploy.stage.target import Target
from infra.errors import InfraError
from infra.local.inventory import everything
from infra.local.local_deployment import DEV, local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import hurry, small_bundle

TEMPLATE = load_template(AuditStream.template)
PARAMETERS = {
    "BusName": "gatehouse-dev-audit",
    "Stream": "none",
    "FunctionRole": "role",
    "UserPoolId": "pool",
}


@pytest.mark.parametrize(
    ("changes", "resources"),
    [
        ({}, set()),
        ({"Stream": "bus"}, {"Bus", "SendEvents"}),
        ({"CognitoLogs": "errors"}, {"UserPoolLog", "LogDelivery"}),
    ],
)
def test_stack_has_only_what_the_stage_asks_for(
    changes: dict[str, str], resources: set[str]
) -> None:
    assert set(render(TEMPLATE, PARAMETERS | changes)) == resources


def test_archive_gets_each_event_of_the_bus_and_keeps_it() -> None:
    found = render(TEMPLATE, PARAMETERS | {"Stream": "archive", "ArchiveDays": "365"})
    assert found["Rule"]["EventPattern"] == {"detail-type": ["audit.v1"]}
    assert TEMPLATE["Resources"]["Archive"]["DeletionPolicy"] == "Retain"
    (rule,) = found["Archive"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 365
    kept = render(TEMPLATE, PARAMETERS | {"Stream": "archive"})
    assert "LifecycleConfiguration" not in kept["Archive"]


def test_log_of_sign_ins_is_an_option() -> None:
    def sources(logs: str) -> list[str]:
        found = render(TEMPLATE, PARAMETERS | {"CognitoLogs": logs})
        return [one["EventSource"] for one in found["LogDelivery"]["LogConfigurations"]]

    assert sources("errors") == ["userNotification"]
    assert sources("all") == ["userNotification", "userAuthEvents"]


@pytest.mark.parametrize(
    "settings", [{"audit_stream": "kafka"}, {"audit_archive_days": -1}, {"cognito_logs": True}]
)
def test_invalid_setting_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InfraError, match="expected"):
        checked_values("The stage", {"region": "eu-west-1", **settings})


@pytest.mark.ministack
def test_stream_is_deployed_once_and_removed_with_its_setting(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch, tmp_path)
    plain = local_target(empty_ministack, login_url="http://localhost:9")
    target = replace(plain, stage=replace(DEV, audit_stream="archive"))
    bundle, before = small_bundle(tmp_path), everything(plain)

    def changes(of: Target = target) -> list[str]:
        return deploy(of, tmp_path, database_url="postgres://x/y", bundle=bundle).changes

    assert AuditStream.name in changes()
    assert changes() == []
    variables = environment_of(deployed_function(target).configuration(ALIAS) or {})
    assert variables["AUDIT_EVENT_BUS"] == "gatehouse-dev-audit"
    rules = target.client("events").list_rules(NamePrefix="gatehouse-dev-")["Rules"]
    assert "rate(1 minute)" in {rule["ScheduleExpression"] for rule in rules}
    assert AuditStream().status(target) == ["stack gatehouse-dev-audit: CREATE_COMPLETE"]

    assert "the stack gatehouse-dev-audit, which is deleted" in changes(plain)
    rules = target.client("events").list_rules(NamePrefix="gatehouse-dev-")["Rules"]
    assert "rate(1 minute)" not in {rule["ScheduleExpression"] for rule in rules}
    assert changes(plain) == []

    # The archive that was kept stays in the way of nothing.
    changes()
    (kept,) = destroy(target)
    assert kept.startswith("The archive of the audit trail, ")
    after = everything(plain)
    assert len(after.pop("buckets")) == 2
    before.pop("buckets")
    assert after == before
