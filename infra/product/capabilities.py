"""What a product can leave out: the files of each capability, and its lines in shared files.

`capabilities.toml` lists the capabilities and their files. A line that belongs to a capability ends
in a comment, such as `only with notes`. Several lines stand between two comments, `begin capability
notes` and `end capability notes`. Lines with several names need all of these capabilities. A line
that a product without the capability has instead is a comment here, which ends in `only without
notes`.
"""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from infra.errors import InfraError

FILE = "infra/product/capabilities.toml"
# What no product has.
UPSTREAM = "upstream"

_OPENING, _CLOSING = r"(?:#|//|/\*|<!--|\{#)\s*", r"\s*(?:\*/|-->|#\})?\s*$"
_NAMES = r"([a-z][a-z-]*(?:, [a-z][a-z-]*)*)"
_BORDER = re.compile(rf"^\s*{_OPENING}(begin|end) capability {_NAMES}{_CLOSING}")
_INSTEAD = re.compile(rf"^(\s*){_OPENING}(?P<text>.*?)\s*(?:# )?only without {_NAMES}{_CLOSING}")
_ONLY = re.compile(rf"[ \t]*{_OPENING}only with {_NAMES}{_CLOSING}")
# Tells quickly that a file has no mark, which is true of most files.
_ANY = re.compile(r"only with|(?:begin|end) capability ")


@dataclass(frozen=True)
class Capability:
    """A capability: one line about it, and patterns of its files and folders."""

    name: str
    summary: str
    paths: tuple[str, ...]

    def has(self, path: str) -> bool:
        return any(
            path == pattern or path.startswith(f"{pattern}/") or fnmatch.fnmatchcase(path, pattern)
            for pattern in self.paths
        )


def parse(text: str) -> dict[str, Capability]:
    """Return the capabilities of a `capabilities.toml`, by name."""
    return {
        name: Capability(name, table["summary"], tuple(table["paths"]))
        for name, table in tomllib.loads(text).items()
    }


def left_out(capabilities: Mapping[str, Capability], names: Iterable[str]) -> list[Capability]:
    """Return the capabilities that a product without these does not have.

    Raises:
        InfraError: a name is not that of a capability.

    """
    known = sorted(set(capabilities) - {UPSTREAM})
    if unknown := sorted(set(names) - set(known)):
        raise InfraError(
            f"There is no capability {', '.join(unknown)}. These can be left out: "
            f"{', '.join(known) or 'none'}."
        )
    return [capabilities[name] for name in [*sorted(set(names)), UPSTREAM]]


def without(text: str, names: Collection[str], known: Collection[str]) -> str:
    """Return a file without the lines of the named capabilities, and without any marks.

    Raises:
        ValueError: a mark names no known capability, or a `begin` has no `end`.

    """
    if not _ANY.search(text):
        return text
    lines: list[str | None] = []
    begun: list[frozenset[str]] = []
    for line in text.split("\n"):
        if border := _BORDER.match(line):
            marked = _known(border[2], known)
            if border[1] == "begin":
                begun.append(marked)
            elif not begun or begun.pop() != marked:
                raise ValueError(f"`end capability {border[2]}` has no beginning")
            lines.append(None)
            continue
        if instead := _INSTEAD.match(line):
            needless = _known(instead[3], known) <= set(names)
            lines.append(instead[1] + instead["text"] if needless else None)
            continue
        only = _ONLY.search(line)
        needed = _known(only[1], known) if only else frozenset()
        stays = not needed.union(*begun) & set(names)
        lines.append((line[: only.start()] if only else line) if stays else None)
    if begun:
        raise ValueError(f"`begin capability {', '.join(sorted(begun[-1]))}` has no end")
    return "\n".join(closed(lines))


def _known(text: str, known: Collection[str]) -> frozenset[str]:
    names = frozenset(text.split(", "))
    if unknown := names - set(known):
        raise ValueError(f"{', '.join(sorted(unknown))} is no capability of {FILE}")
    return names


def closed(lines: Iterable[str | None]) -> list[str]:
    """Return the lines that stay, without those that are None.

    Of the blank lines around a gap, the larger number stays, and none at the end of the file.
    """
    stay: list[str] = []
    has_gap = False
    # Blank lines before the gap that blank lines after it repeat.
    repeated = 0
    for line in lines:
        if line is None:
            has_gap = True
            repeated = 0
            while repeated < len(stay) and not stay[-1 - repeated].strip():
                repeated += 1
        elif not line.strip() and repeated:
            repeated -= 1
        else:
            repeated = 0
            stay.append(line)
    while has_gap and stay[-2:] == ["", ""]:
        stay.pop()
    return stay
