"""The table of docs/metrics.md lists what is declared."""

from __future__ import annotations

from accounts.metrics.declared import METRICS
from infra.environments import ROOT


def test_page_lists_every_metric_with_its_meaning() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if "| `gatehouse_" in line]
    expected = []
    for metric in METRICS:
        name = f"`{metric.name}`" if metric.is_logged else ""
        label = f"`{metric.label}`" if metric.label else ""
        exported = f"`gatehouse_{metric.exported}`"
        expected.append(f"| {name} | {exported} | {label} | {metric.meaning} |")
    assert rows == expected
