"""Format results as Markdown, and write them to a page of the documentation."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from pathlib import Path

from bench.race import Result


def table(baseline: str, results: Iterable[Result]) -> str:
    """Return a Markdown table. The ratios are to the first row."""
    lines = [f"| {baseline} | ratio | median µs | budget |", "|---|--:|--:|--:|"]
    for result in results:
        budget = "" if result.budget is None else f"{result.budget:.2f}"
        name = result.name if result.is_within_budget else f"**{result.name} (over budget)**"
        lines.append(f"| {name} | {result.ratio:.2f} | {result.microseconds:.1f} | {budget} |")
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
