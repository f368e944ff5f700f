"""What calls the function by the clock: `events` and `keep_warm` of zappa_settings.json.

Zappa's own schedules call $LATEST, which is not released yet while a deployment goes on. So Zappa
is given none, and a stack has them, which calls the alias.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.aws.provision import preview, provision
from infra.deploy.stage.target import Target
from infra.deploy.zappa.zappa import stage_config
from infra.errors import InfraError

# Zappa's: https://github.com/zappa/Zappa#keeping-the-server-warm
_KEEP_WARM = "rate(4 minutes)"


def schedules(stage: str) -> dict[str, list[str]]:
    """Name of a rule, below the function's name -> when. The function goes by how a rule ends."""
    config = stage_config(stage)
    found: dict[str, list[str]] = {}
    for event in config.get("events") or []:
        expressions = [*event.get("expressions", ()), *filter(None, [event.get("expression")])]
        if not expressions:
            raise InfraError(
                f"zappa_settings.json: the event {event.get('function')} has no `expression`. "
                "project/lambda_entry.py runs on a schedule alone, so remove it or add one."
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
        "Description": "Gatehouse: what calls the function by the clock.",
        "Parameters": {"FunctionArn": {"Type": "String"}},
        "Resources": resources,
    }


def provision_schedules(target: Target, directory: Path, function_arn: str) -> bool:
    """Have the rules call `function_arn`, the alias's; whether that was a change."""
    return has_schedules(target) and provision(**_stack(target, directory, function_arn)).changed


def preview_schedules(target: Target, directory: Path, function_arn: str) -> list[str]:
    """What that would change, a line each. Raises InfraError."""
    return preview(**_stack(target, directory, function_arn)) if has_schedules(target) else []


def has_schedules(target: Target) -> bool:
    return bool(schedules(target.stage.name))


def delete_rules_of_zappa(target: Target, function_arn: str) -> bool:
    """Delete the rules that former deployments had Zappa make; whether there were any.

    They call the function itself, and have its role, which a rule made by a deployer does not need.
    A rule that lost its target before a deletion was interrupted is found by its name.
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


def _stack(target: Target, directory: Path, function_arn: str) -> dict[str, Any]:
    directory.mkdir(parents=True, exist_ok=True)
    template = directory / "schedules.json"
    wanted = schedules(target.stage.name)
    template.write_text(json.dumps(schedules_template(target.stage.function_name, wanted)), "utf-8")
    return {
        "cloudformation": target.client("cloudformation"),
        "stack_name": target.stage.schedules_stack,
        "template": template,
        "parameters": {"FunctionArn": function_arn},
        "tags": target.stage.all_tags,
        "poll_seconds": target.polling_seconds,
    }
