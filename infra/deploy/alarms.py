"""The alarms of a stage, their e-mails, and its dashboard in CloudWatch: docs/runbook.md."""

from __future__ import annotations

from pathlib import Path

from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.stage.zappa_settings import stage_config
from infra.deploy.step import Run, StackStep

# The share of the concurrent executions at which there is still time to act.
_NEAR = 0.8


class Alarms(StackStep):
    name = "the alarms"
    template = Path(__file__).with_name("alarms.yaml")

    def stack(self, stage: Stage) -> str:
        return stage.alarms_stack

    def is_wanted(self, stage: Stage) -> bool:
        return stage.alarms is not None

    def parameters(self, run: Run) -> dict[str, str]:
        stage = run.target.stage
        own = own_concurrency(stage)
        limit = own or account_concurrency(run.target)
        return {
            "FunctionName": stage.function_name,
            # Both kinds of API have the name of their stack.
            "ApiName": stage.api_stack,
            "StageName": stage.name,
            "Mail": stage.alarms or "",
            "ConcurrencyLimit": str(limit),
            "ConcurrencyThreshold": str(max(1, int(limit * _NEAR))),
            "HasOwnConcurrency": "true" if own else "false",
            "HasMetricMath": "true" if run.target.has_metric_math else "false",
        }

    def status(self, target: Target) -> list[str]:
        lines = super().status(target)
        if not self.is_wanted(target.stage):
            return lines
        firing = [
            alarm["AlarmName"]
            for page in target.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmNamePrefix=f"{target.stage.function_name}-", StateValue="ALARM")
            for alarm in page["MetricAlarms"]
        ]
        lines += [f"alarm {name}: docs/runbook.md says what to do" for name in sorted(firing)]
        if topic := target.resource_id(self.stack(target.stage), "Topic"):
            lines += _unconfirmed(target, topic)
        return lines


def own_concurrency(stage: Stage) -> int:
    """Return the executions that zappa_settings.json reserves for the function, or 0."""
    return int(stage_config(stage.name).get("lambda_concurrency") or 0)


def account_concurrency(target: Target) -> int:
    """Return how many executions the account allows in the region."""
    settings = target.client("lambda").get_account_settings()
    limit: int = settings["AccountLimit"]["ConcurrentExecutions"]
    return limit


def _unconfirmed(target: Target, topic: str) -> list[str]:
    """Return a line if the owner of the address has not opened the link of the first e-mail."""
    subscriptions = target.client("sns").list_subscriptions_by_topic(TopicArn=topic)
    return [
        f"alarms to {one['Endpoint']}: not confirmed yet, open the link in the e-mail of AWS"
        for one in subscriptions["Subscriptions"]
        if one["SubscriptionArn"] == "PendingConfirmation"
    ]
