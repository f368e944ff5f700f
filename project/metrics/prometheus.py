"""Metrics in Prometheus' text format, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from accounts.metrics.declared import METRICS, Kind, Metric
from accounts.metrics.recorder import BUCKETS, Series, Total

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PREFIX: Final = "gatehouse_"


def exposition(
    totals: Mapping[Series, Total], metrics: Iterable[Metric] = METRICS, *, process: str = ""
) -> str:
    """Return the text of a scrape. A metric that has no series yet has its two comments only.

    Args:
        process: the value of a label that every sample gets, so that the counters of two processes
            behind one address do not look like one counter that jumps.
    """
    lines: list[str] = []
    own = [f'process="{_label(process)}"'] if process else []
    for metric in metrics:
        name = PREFIX + metric.exported
        lines.append(f"# HELP {name} {_help(metric.meaning)}")
        lines.append(f"# TYPE {name} {metric.kind.value}")
        of_metric = {label: total for (one, label), total in totals.items() if one is metric}
        if not metric.label and metric.kind is Kind.COUNTER:
            # A counter that is missing until its first increment would hide that increment.
            of_metric = of_metric or {"": [0.0]}
        for label in sorted(of_metric):
            of_label = [f'{metric.label}="{_label(label)}"'] if metric.label else []
            lines += _samples(name, metric, of_label + own, of_metric[label])
    return "\n".join(lines) + "\n"


def _samples(name: str, metric: Metric, labels: list[str], total: Total) -> Iterator[str]:
    if metric.kind is not Kind.TIME:
        yield f"{name}{_braces(labels)} {_number(total[0])}"
        return
    count = 0.0
    for bound, inside in zip((*map(_number, BUCKETS), "+Inf"), total[:-1], strict=True):
        count += inside
        of_bucket = _braces([*labels, f'le="{bound}"'])
        yield f"{name}_bucket{of_bucket} {_number(count)}"
    yield f"{name}_sum{_braces(labels)} {_number(total[-1])}"
    yield f"{name}_count{_braces(labels)} {_number(count)}"


def _braces(labels: list[str]) -> str:
    return f"{{{','.join(labels)}}}" if labels else ""


def _help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _label(value: str) -> str:
    return _help(value).replace('"', r"\"")


def _number(value: float) -> str:
    """Return a float in the form that Go's ParseFloat reads."""
    return str(int(value)) if value.is_integer() else repr(value)
