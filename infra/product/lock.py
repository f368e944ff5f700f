"""`upstream.toml`: which release a project has, and the answers that it was made with.

`infra new` and `infra adopt` write the file. `infra update` reads it, and its merge brings the next
one.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.errors import InfraError

FILE = "upstream.toml"

# The commands that make a project.
NEW, ADOPT = "new", "adopt"

Answer = str | tuple[str, ...]

_HEAD = """\
# The release of the upstream project that this project has. `python -m infra update` reads this
# file and writes it. Keep it in version control.
"""


@dataclass(frozen=True)
class Lock:
    """The content of the file.

    `source` is the address or the path of the upstream repository. `command` made the project: it
    is `new` or `adopt`, and `answers` are its options.
    """

    name: str
    source: str
    version: str
    commit: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    command: str = NEW

    def text(self) -> str:
        facts = {
            "name": self.name,
            "source": self.source,
            "version": self.version,
            "commit": self.commit,
        }
        if self.command != NEW:
            facts["command"] = self.command
        return f"{_HEAD}\n[upstream]\n{_lines(facts)}\n[answers]\n{_lines(self.answers)}"

    @property
    def tag(self) -> str:
        """The tag of the commit in the project's repository that is this release."""
        return f"upstream/{self.version}"

    @property
    def release(self) -> str:
        return f"{self.name} {self.version} ({self.commit[:7]})"


def read(project: Path) -> Lock:
    """Return the lock file of the project in this folder."""
    path = project / FILE
    try:
        return parse(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InfraError(
            f"There is no {FILE} in {project}. Only a project that `infra new` made, or that "
            "`infra adopt` was used on, has one."
        ) from None


def parse(text: str) -> Lock:
    """Return the content of a lock file.

    Raises:
        InfraError: the file is damaged, for example by a merge with conflicts.

    """
    try:
        document = tomllib.loads(text)
        upstream, answers = document["upstream"], document["answers"]
        name, source, version = (_text(upstream[one]) for one in ("name", "source", "version"))
        commit, command = _commit(upstream["commit"]), _command(upstream.get("command", NEW))
        given = {one: _answer(answers[one]) for one in answers}
        return Lock(name, source, version, commit, given, command)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError):
        raise InfraError(
            f"{FILE} is malformed. Restore the file from an earlier commit of this project."
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str) or value.startswith("-"):
        # Git would take it for an option.
        raise ValueError
    return value


def _commit(value: object) -> str:
    if not re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", text := _text(value)):
        raise ValueError
    return text


def _command(value: object) -> str:
    if value not in (NEW, ADOPT):
        raise ValueError
    return str(value)


def _answer(answer: object) -> Answer:
    if isinstance(answer, list):
        return tuple(_text(one) for one in answer)
    return _text(answer)


def _lines(values: Mapping[str, Answer]) -> str:
    return "".join(f"{name} = {_toml(value)}\n" for name, value in values.items())


def _toml(value: Answer) -> str:
    # A string of JSON is one of TOML as well. DEL is the exception.
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")
