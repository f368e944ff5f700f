"""The alarms of a stage, deployed to MiniStack, and their sections in docs/runbook.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from accounts.metrics.declared import METRICS
from infra.aws.template import template_body
from infra.deploy.alarms import Alarms, account_concurrency
from infra.deploy.deployment import STEPS
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import FormerStacks, Run
from infra.environments import ROOT
from infra.local.local_deployment import local_target
from infra.local.ministack import REGION, MiniStack
from project.metrics.log_lines import NAMESPACE, SERVICE, dimension

STAGE = Stage("dev", REGION, alarms="operators@example.com")
PREFIX = "gatehouse-dev-"


def stored(text: str) -> dict[str, Any]:
    """Return a template, with CloudFormation's functions as lists."""

    class Loader(yaml.SafeLoader):
        pass

    def function(loader: Loader, tag: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return f"{tag} {node.value}"
        return [tag, *loader.construct_sequence(node, deep=True)]

    Loader.add_multi_constructor("!", function)
    loaded: dict[str, Any] = yaml.load(text, Loader)
    return loaded


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return stored(template_body(Alarms.template))


def alarms_of(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the properties of the alarms, by name."""
    return {
        resource["Properties"]["AlarmName"].partition("${FunctionName}-")[2]: resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def statistics_of(alarm: dict[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """Yield namespace, name and dimensions of each metric of an alarm."""
    metrics = [
        one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one
    ]
    for metric in metrics or [alarm]:
        dimensions = metric["Dimensions"]
        names = {one["Name"] for one in dimensions if isinstance(one, dict)}
        yield metric["Namespace"], metric["MetricName"], names


def test_each_alarm_has_its_section_in_the_runbook(template: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", page, re.MULTILINE))
    anchors = {heading.lower().replace(" ", "-"): text for heading, text in sections.items()}
    assert set(anchors) - {"where-to-look"} == set(alarms_of(template))
    for name, alarm in alarms_of(template).items():
        assert alarm["AlarmDescription"].endswith(f"Runbook: docs/runbook.md#{name}")
        for part in ("**Meaning.**", "**Look at**", "**Do**"):
            assert part in anchors[name], f"{name}: {part}"


def test_alarms_send_e_mails_when_they_begin_and_end(template: dict[str, Any]) -> None:
    for alarm in alarms_of(template).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["Ref Topic"]
        assert alarm["TreatMissingData"] == "notBreaching"


def test_alarms_and_dashboard_use_metrics_that_the_application_publishes(
    template: dict[str, Any],
) -> None:
    published = {
        metric.name: {SERVICE, dimension(metric)} if metric.label else {SERVICE}
        for metric in METRICS
        if metric.is_logged
    }
    used = [
        one
        for alarm in alarms_of(template).values()
        for one in statistics_of(alarm)
        if one[0] == NAMESPACE
    ]
    assert len(used) >= 5
    for _, name, dimensions in used:
        assert dimensions in ({SERVICE}, published[name]), name
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    widgets = json.loads(re.sub(r"\$\{\w+\}", "1", body.removeprefix("Sub ")))["widgets"]
    of_dashboard = set(re.findall(r'MetricName="(\w+)"', json.dumps(widgets).replace("\\", "")))
    for widget in widgets:
        namespace = ""
        for metric in widget["properties"].get("metrics", ()):
            if not isinstance(metric[0], str) or metric[0] == "...":
                continue
            namespace = namespace if metric[0] == "." else metric[0]
            if namespace == NAMESPACE:
                of_dashboard.add(metric[1])
    assert of_dashboard == set(published)


def test_widgets_do_not_overlap(template: dict[str, Any]) -> None:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    widgets = json.loads(re.sub(r"\$\{\w+\}", "1", body.removeprefix("Sub ")))["widgets"]
    cells = [
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


# --- On MiniStack ---------------------------------------------------------------------------------


@pytest.fixture
def target(empty_ministack: MiniStack) -> Target:
    return local_target(empty_ministack, login_url="http://localhost:9", stage=STAGE)


def changes_of(target: Target) -> list[str]:
    return Alarms().apply(Run(target, Path()))


def names_of_alarms(target: Target) -> set[str]:
    alarms = target.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"] for alarm in alarms}


@pytest.mark.ministack
def test_alarms_are_made_once_and_deleted(target: Target, template: dict[str, Any]) -> None:
    assert any("ServerErrors" in line for line in Alarms().preview(Run(target, Path())))
    assert changes_of(target) == ["the alarms"]
    assert changes_of(target) == []
    assert Alarms().preview(Run(target, Path())) == []
    # MiniStack has no metric math.
    expected = {PREFIX + name for name in alarms_of(template)} - {f"{PREFIX}sign-in-failures"}
    assert names_of_alarms(target) == expected
    (dashboard,) = target.client("cloudwatch").list_dashboards()["DashboardEntries"]
    assert dashboard["DashboardName"] == "gatehouse-dev"
    (topic,) = target.client("sns").list_topics()["Topics"]
    (subscription,) = target.client("sns").list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", STAGE.alarms)
    (alarm,) = target.client("cloudwatch").describe_alarms(AlarmNames=[f"{PREFIX}concurrency"])[
        "MetricAlarms"
    ]
    limit = account_concurrency(target)
    assert (alarm["Threshold"], alarm["Dimensions"]) == (max(1, limit * 4 // 5), [])
    assert alarm["AlarmActions"] == [topic["TopicArn"]]
    Alarms().destroy(target)
    assert names_of_alarms(target) == set()
    assert target.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert target.client("sns").list_topics()["Topics"] == []
    assert target.client("sns").list_subscriptions()["Subscriptions"] == []


@pytest.mark.ministack
def test_status_lists_the_alarms_that_are_on(target: Target) -> None:
    assert Alarms().status(target) == ["stack gatehouse-dev-alarms: missing"]
    changes_of(target)
    complete = "stack gatehouse-dev-alarms: CREATE_COMPLETE"
    assert Alarms().status(target)[0].startswith(complete)
    assert not any(line.startswith("alarm ") for line in Alarms().status(target))
    target.client("cloudwatch").set_alarm_state(
        AlarmName=f"{PREFIX}server-errors", StateValue="ALARM", StateReason="a test"
    )
    line = "alarm gatehouse-dev-server-errors: docs/runbook.md says what to do"
    assert line in Alarms().status(target)


@pytest.mark.ministack
def test_alarms_that_are_no_longer_configured_are_deleted(target: Target) -> None:
    changes_of(target)
    without = replace(target, stage=replace(target.stage, alarms=None))
    (former,) = [step for step in STEPS if isinstance(step, FormerStacks)]
    assert former.preview(Run(without, Path())) == [f"Remove the stack {STAGE.alarms_stack}"]
    former.apply(Run(without, Path()))
    assert names_of_alarms(target) == set()
    assert Alarms().apply(Run(without, Path())) == []
    assert Alarms().status(without) == []


@pytest.mark.ministack
def test_reserved_concurrency_of_the_function_is_the_limit(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.deploy.alarms.own_concurrency", lambda _: 10)
    parameters = Alarms().parameters(Run(target, Path()))
    assert parameters["ConcurrencyLimit"] == "10"
    assert parameters["ConcurrencyThreshold"] == "8"
    assert parameters["HasOwnConcurrency"] == "true"
