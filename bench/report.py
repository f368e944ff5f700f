"""Format results as Markdown, and write them to a page of the documentation."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from pathlib import Path

from bench.race import Budget, Results


def table(baseline: str, results: Results) -> str:
    """Return a Markdown table. The ratios are to the first row."""
    lines = [f"| {baseline} | ratio | median µs |", "|---|--:|--:|"]
    lines += [
        f"| {name} | {results.ratio(name):.2f} | {results.microseconds(name):.1f} |"
        for name in results.names
    ]
    return "\n".join(lines)


def budget_table(results: Results, budgets: Iterable[Budget]) -> str:
    """Return a Markdown table of the budgets, and the ratios that must not exceed them."""
    lines = ["| time of | compared with | ratio | budget |", "|---|---|--:|--:|"]
    for budget in budgets:
        name = budget.contestant
        if not results.is_within(budget):
            name = f"**{name} (over budget)**"
        ratio = results.ratio(budget.contestant, budget.rival)
        lines.append(f"| {name} | {budget.rival} | {ratio:.2f} | {budget.limit:.2f} |")
    return "\n".join(lines)


def conditions(command: str) -> str:
    """Return a sentence about the command, the Python version and the processor."""
    return (
        f"Made by `{command}` with Python {platform.python_version()} on {platform.machine()}. "
        "Ratios are medians of turns taken milliseconds apart, and hold across machines; "
        "microseconds do not."
    )


def replace_section(page: Path, name: str, text: str) -> None:
    """Replace the text between the markers `<!-- name -->` and `<!-- /name -->` of a page."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before = page.read_text("utf-8")
    section = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
    if not section.search(before):
        raise ValueError(f"{page} has no section {begin} … {end}")
    after = section.sub(lambda _: f"{begin}\n\n{text}\n\n{end}", before)
    page.write_text(after, "utf-8")
