"""The stack of schedules: `events` and `keep_warm` of zappa_settings.json.

Zappa's own schedules call $LATEST, which is not released yet while a deployment is in progress. So
Zappa gets none, and the rules of this stack call the alias.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.deploy.function.releases import alias_arn
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.stage.zappa_settings import stage_config
from infra.deploy.step import Run, StackStep
from infra.errors import InfraError

# Zappa's default: https://github.com/zappa/Zappa#keeping-the-server-warm
_KEEP_WARM = "rate(4 minutes)"


class Schedules(StackStep):
    name = "the schedules"

    def stack(self, stage: Stage) -> str:
        return stage.schedules_stack

    def is_wanted(self, stage: Stage) -> bool:
        return bool(_wanted(stage))

    def parameters(self, run: Run) -> dict[str, str]:
        return {"FunctionArn": alias_arn(run.function_arn)}

    def rendered(self, run: Run, parameters: Mapping[str, str]) -> Path:
        del parameters
        stage = run.target.stage
        run.directory.mkdir(parents=True, exist_ok=True)
        file = run.directory / "schedules.json"
        template = schedules_template(stage.function_name, _wanted(stage))
        file.write_text(json.dumps(template), "utf-8")
        return file

    def apply(self, run: Run) -> list[str]:
        changes = super().apply(run)
        delete_rules_of_zappa(run.target, run.function_arn)
        return changes


def _wanted(stage: Stage) -> dict[str, list[str]]:
    found = schedules(stage.name)
    if stage.has_audit_bus:
        found["deliver_audit_events"] = ["rate(1 minute)"]
    return found


def schedules(stage: str) -> dict[str, list[str]]:
    """Return the expressions of each rule, by the end of the rule's name.

    The function finds out what to do from that end.
    """
    config = stage_config(stage)
    found: dict[str, list[str]] = {}
    for event in config.get("events") or []:
        expressions = [*event.get("expressions", ()), *filter(None, [event.get("expression")])]
        if not expressions:
            raise InfraError(
                f"zappa_settings.json: the event {event.get('function')} has no `expression`. Add "
                "one, or remove the event: project/lambda_entry.py runs events on schedules only."
            )
        found[str(event["function"]).rpartition(".")[2]] = expressions
    if config.get("keep_warm", True):
        found["keep-warm"] = [config.get("keep_warm_expression", _KEEP_WARM)]
    return found


def schedules_template(function_name: str, wanted: Mapping[str, list[str]]) -> dict[str, Any]:
    resources: dict[str, Any] = {}
    for name, expressions in wanted.items():
        for number, expression in enumerate(expressions):
            logical = "".join(part for part in f"{name}{number}" if part.isalnum())
            middle = f"-{number}" if number else ""
            resources[f"Rule{logical}"] = {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "Name": f"{function_name}{middle}-{name}",
                    "ScheduleExpression": expression,
                    "Targets": [{"Id": "function", "Arn": {"Ref": "FunctionArn"}}],
                },
            }
            resources[f"Permission{logical}"] = {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Ref": "FunctionArn"},
                    "Principal": "events.amazonaws.com",
                    "SourceArn": {"Fn::GetAtt": [f"Rule{logical}", "Arn"]},
                },
            }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Gatehouse: the schedules that call the function.",
        "Parameters": {"FunctionArn": {"Type": "String"}},
        "Resources": resources,
    }


def delete_rules_of_zappa(target: Target, function_arn: str) -> bool:
    """Delete the rules that Zappa made in earlier deployments. Return whether there were any.

    Those rules call $LATEST, and they have the function's role, which no other rule has. An
    interrupted deletion may leave a rule without a target: such a rule is found by its name.
    """
    events = target.client("events")
    functions = [event["function"] for event in stage_config(target.stage.name).get("events") or []]
    ends = ("zappa-keep-warm-handler.keep_warm_callback", *functions)
    named = events.list_rules(NamePrefix=f"{target.stage.function_name}-")["Rules"]
    calling = events.list_rule_names_by_target(TargetArn=function_arn)["RuleNames"]
    names = {
        *(name for name in calling if events.describe_rule(Name=name).get("RoleArn")),
        *(rule["Name"] for rule in named if rule["Name"].endswith(ends)),
    }
    for name in sorted(names):
        targets = events.list_targets_by_rule(Rule=name)["Targets"]
        if targets:
            events.remove_targets(Rule=name, Ids=[entry["Id"] for entry in targets])
        events.delete_rule(Name=name)
    return bool(names)
