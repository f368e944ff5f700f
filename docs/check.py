"""Check the project's own text: banned words, and links between Markdown pages.

`make lint` runs it. It needs the standard library only.
"""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# A pattern, and what to write instead. A space stands for any white space, so that a phrase is
# found across lines, and an underscore separates words, so that names are read as well.
BANNED = {
    "whoever|whomever|whom|somebody|nobody|anybody|everybody": (
        "name the actor: user, visitor, operator, superuser, caller, client, attacker, deployer"
    ),
    "strangers?": "attacker, visitor, another user or another site",
    "one's own|those who|what is theirs": "name the actor",
    "anew|afresh": "again",
    "(?:to|can|cannot) be had": "available, unavailable",
    "(?:that|this|which|what|file) (?:is|are|was|were) (?-i:none)": "invalid",
    "(?:that|which|what) (?:is|are) no(?! longer)": "is not a",
    "odd": "invalid, malformed",
    "no good": "invalid",
    "leash": "deadline, bound",
    "doors?": "guard",
    "lands|landed": "arrives",
    "patience|patient": "busy, rate limit",
    "(?:is|are|was|were) to be": "must be",
    "(?:is|are|was|were|be) over": "has expired, has ended; above, for a number",
    "run out|ran out": "expired",
    "(?:take|takes|taken|taking) away": "remove",
    "so many": "a number, or: rate limit",
    "to the letter": "exactly",
    "makes? no sense": "is malformed, is invalid",
    "(?:speak|speaks) of": "name, mean",
    "(?:look|looks|tell|tells) whether": "check whether, say whether",
    "test_(?:it|they|so|of|those|these)": "begin the name with the subject of the behaviour",
}
# Text of others, such as a log line that a test expects, keeps its words on a line with this mark.
QUOTED = "prose: quoted"

SUFFIXES = {".md", ".py", ".html", ".js", ".mjs", ".css", ".toml", ".yaml", ".json", ".in", ""}
# The rules themselves, migrations (history), and text of others.
LEFT_OUT = (
    "docs/check.py",
    "tests/docs/",
    "accounts/migrations/",
    "api/notes/migrations/",  # only with notes
    "LICENSE",
)

_GAP = r"(?:\s|[#*]|//)+"
# The letters that a banned phrase, or a part of it in parentheses, begins with. Python compares
# them with each word much faster than all patterns.
_FIRST = "".join(sorted(set(re.findall(r"(?:^|[|(:])([a-z])", "\n".join(BANNED), re.MULTILINE))))
_BANNED = re.compile(
    rf"(?<![^\W_])(?=[{_FIRST}])(?:({')|('.join(BANNED).replace(' ', _GAP)}))(?![^\W_])",
    re.IGNORECASE,
)
_INSTEAD = tuple(BANNED.values())
_FENCE = re.compile(r"^( *)(```|~~~).*?^ *\2 *$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_MENTION = re.compile(r"(?<![\w/.-])docs/[\w/.-]+\.md(?:#[\w-]+)?")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def main() -> int:
    findings = check(ROOT, project_files(ROOT))
    print(*findings, sep="\n", end="\n" if findings else "")
    return 1 if findings else 0


def project_files(root: Path) -> list[str]:
    """Return the files of the repository, those that are not added yet included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        # Git is not installed, refuses the checkout of another user, or the files are an export.
        return _files_that_are_not_ignored(root)
    return sorted(set(listed.splitlines()))


def _files_that_are_not_ignored(root: Path) -> list[str]:
    """Read the patterns of .gitignore as patterns of names, in any folder."""
    patterns = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = re.compile("|".join(fnmatch.translate(one.strip("/")) for one in [".git", *patterns]))
    found: list[str] = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not ignored.match(name)]
        here = Path(folder).relative_to(root)
        found += [(here / name).as_posix() for name in files if not ignored.match(name)]
    return sorted(found)


def check(root: Path, paths: list[str]) -> list[Finding]:
    """Return what is wrong in those of `paths` that hold the project's own text."""
    findings: list[Finding] = []
    for path in paths:
        file = root / path
        if file.suffix not in SUFFIXES or path.startswith(LEFT_OUT) or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        findings += banned_words(path, text)
        # A link to docs/… is a mention of it as well.
        findings += dict.fromkeys(broken_links(root, path, text))
    return findings


def banned_words(path: str, text: str) -> Iterator[Finding]:
    lines = text.splitlines()
    for match in _BANNED.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if QUOTED not in lines[line - 1]:
            instead = _INSTEAD[(match.lastindex or 1) - 1]
            yield Finding(path, line, f'"{" ".join(match[0].split())}": write {instead}')


def broken_links(root: Path, path: str, text: str) -> Iterator[Finding]:
    """Yield the links of a Markdown page, and mentions of docs/…, that lead nowhere."""
    targets = [(match, root / match[0]) for match in _MENTION.finditer(text)]
    if path.endswith(".md"):
        prose = _FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), text)
        here = (root / path).parent
        targets += [
            (match, here / match[1] if match[1][0] != "#" else Path(f"{root / path}{match[1]}"))
            for match in _LINK.finditer(prose)
            if not re.match(r"[a-z]+:", match[1])
        ]
    for match, target in targets:
        page, _, anchor = str(target).partition("#")
        missing = not Path(page).exists() or (anchor and anchor not in anchors(Path(page)))
        if missing:
            line = text.count("\n", 0, match.start()) + 1
            yield Finding(path, line, f"no such page or anchor: {target.relative_to(root)}")


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub and the documentation site make of a page's headings."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in _HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


if __name__ == "__main__":
    sys.exit(main())
