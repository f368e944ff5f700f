"""The entries of CHANGELOG.md that a release adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class _Entry:
    headings: tuple[str, ...]
    text: str


def added(before: str, after: str) -> str:
    """Return the entries of `after` that `before` lacks, under their headings.

    Both are Markdown, with lists, and headings from the second level on.
    """
    known = {entry.text for entry in _entries(before)}
    lines: list[str] = []
    shown: tuple[str, ...] = ()
    for entry in _entries(after):
        if entry.text in known:
            continue
        for level, heading in enumerate(entry.headings):
            if shown[: level + 1] != entry.headings[: level + 1]:
                lines += ["", heading]
        if shown != entry.headings:
            lines.append("")
        shown = entry.headings
        lines.append(entry.text)
    return "\n".join(lines).strip()


def _entries(changelog: str) -> Iterator[_Entry]:
    headings: tuple[str, ...] = ()
    entry: list[str] = []
    for line in [*changelog.splitlines(), "## "]:
        if entry and (not line.strip() or line.startswith(("- ", "#"))):
            yield _Entry(headings, "\n".join(entry))
            entry = []
        if line.startswith("##"):
            level = len(line) - len(line.lstrip("#"))
            headings = (*headings[: level - 2], line)
        elif headings and line.strip() and (entry or line.startswith("- ")) and "<!--" not in line:
            entry.append(line)
