"""The users of an export, as `manage.py export_users` writes them: one JSON object a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.errors import InfraError

ALGORITHMS = ("ARGON2ID", "BCRYPT", "PBKDF2_SHA256", "SCRYPT")
IMPORT = "import"
_MAXIMUM_LINE_CHARACTERS = 65_536


@dataclass(frozen=True)
class Person:
    """A user of the other site.

    Attributes:
        id: the primary key there.
        way: how the user can come along: "import", or another way that the export names.
        reason: why the user cannot be imported; empty for the way "import".
        attributes: those of Cognito, with `email` and `email_verified`.
    """

    id: str
    way: str
    reason: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    algorithm: str = ""
    hash: str = field(default="", repr=False)

    @property
    def email(self) -> str:
        """The address in lower case, because the user pool ignores case."""
        return self.attributes.get("email", "").lower()


def read(file: Path) -> list[Person]:
    """Return the users of an export. Raises InfraError, which names the line."""
    people: dict[str, Person] = {}
    emails: dict[str, int] = {}
    for number, line in enumerate(_lines(file), start=1):
        person = _person(line, f"{file}, line {number}")
        if person.id in people:
            raise InfraError(f"{file}, line {number}: the id {person.id} is there twice.")
        if person.way == IMPORT and emails.setdefault(person.email, number) != number:
            raise InfraError(
                f"{file}, line {number}: line {emails[person.email]} has the same e-mail address."
            )
        people[person.id] = person
    if not people:
        raise InfraError(f"{file} has no users.")
    return list(people.values())


def without_duplicates(people: list[Person]) -> list[Person]:
    """Leave out the import of several users with the same address, because one would take it."""
    number = Counter(person.email for person in people if person.email)
    reason = "another user has the same e-mail address, or one that differs by case"
    return [
        Person(person.id, "none", reason, person.attributes) if number[person.email] > 1 else person
        for person in people
    ]


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield line
    except UnicodeDecodeError as error:
        raise InfraError(f"{file} is not UTF-8 text.") from error


def _person(line: str, place: str) -> Person:
    try:
        given = json.loads(line[:_MAXIMUM_LINE_CHARACTERS])
        person = Person(
            id=_text(given["id"]),
            way=_text(given["way"]),
            reason=_text(given.get("reason", "")),
            attributes=_texts(given.get("attributes", {})),
            groups=tuple(map(_text, given.get("groups", []))),
            algorithm=_text(given.get("algorithm", "")),
            hash=_text(given.get("hash", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # The line may contain a hash, so it is not shown.
        raise InfraError(f"{place} is no user of an export. Export the users again.") from None
    if person.way == IMPORT and not (person.email and person.hash):
        raise InfraError(f"{place} has no e-mail address or no hash. Export the users again.")
    if person.way == IMPORT and person.algorithm not in ALGORITHMS:
        raise InfraError(f"{place}: expected one of the algorithms {', '.join(ALGORITHMS)}.")
    return person


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError
    return given


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in given.items()}
