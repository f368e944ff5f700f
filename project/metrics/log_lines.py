"""Metrics in CloudWatch's embedded metric format: members of a JSON log line.

CloudWatch Logs makes metrics of such a line by itself. No call of CloudWatch is needed.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from accounts.metrics.declared import Kind, Metric
from accounts.metrics.recorder import Series

NAMESPACE: Final = "Gatehouse"
# The name of the deployment, so that several of them can share an account.
SERVICE: Final = "Service"
_UNITS: Final = {Kind.COUNTER: "Count", Kind.GAUGE: "Seconds", Kind.TIME: "Milliseconds"}


def log_lines(
    figures: Mapping[Series, Sequence[float]], *, service: str, at: float
) -> Iterator[dict[str, Any]]:
    """Yield the members of as few log lines as possible.

    A line has one value for each dimension, so two operations of Cognito need two lines. Each
    metric is published without its label as well, because an alarm cannot add up unknown labels.

    Args:
        at: the time of the line, in seconds since 1970.
    """
    lines: list[dict[Series, Sequence[float]]] = []
    for series, values in figures.items():
        line = next((line for line in lines if _fits(line, series)), None)
        if line is None:
            lines.append(line := {})
        line[series] = values
    for line in lines:
        yield _members(line, service=service, at=at)


def _fits(line: Mapping[Series, object], series: Series) -> bool:
    metric, label = series
    return all(
        other is not metric and (other.label != metric.label or value == label)
        for other, value in line
    )


def _members(line: Mapping[Series, Sequence[float]], *, service: str, at: float) -> dict[str, Any]:
    by_label: dict[str, list[dict[str, str]]] = {}
    members: dict[str, Any] = {SERVICE: service}
    for (metric, label), values in line.items():
        by_label.setdefault(metric.label, []).append(
            {"Name": metric.name, "Unit": _UNITS[metric.kind]}
        )
        if metric.label:
            members[dimension(metric)] = label
        members[metric.name] = _logged(metric, values)
    directives = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [[SERVICE], [SERVICE, label.capitalize()]] if label else [[SERVICE]],
            "Metrics": metrics,
        }
        for label, metrics in by_label.items()
    ]
    return {"_aws": {"Timestamp": int(at * 1000), "CloudWatchMetrics": directives}, **members}


def dimension(metric: Metric) -> str:
    """Return the name of the metric's dimension in CloudWatch."""
    return metric.label.capitalize()


def _logged(metric: Metric, values: Sequence[float]) -> float | list[float]:
    if metric.kind is Kind.TIME:
        values = [round(value * 1000, 1) for value in values]
    else:
        values = [round(value, 1) for value in values]
    return values[0] if len(values) == 1 else list(values)
