"""The file of an import job.

https://docs.aws.amazon.com/cognito/latest/developerguide/
cognito-user-pools-using-import-tool-csv-header.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from infra.errors import InfraError
from infra.user_import.hash_forms import in_form
from infra.user_import.people import Person

USERNAME, MFA_ENABLED = "cognito:username", "cognito:mfa_enabled"
# AWS allows 500,000 users and 100 MB in a job, and 16,000 characters in a line.
MAXIMUM_USERS = 100_000
MAXIMUM_BYTES = 15_000_000
MAXIMUM_LINE_CHARACTERS = 16_000
_TRUE, _FALSE = "TRUE", "FALSE"
_BIRTHDATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
# AWS has values without quotation marks, and a backslash before each comma. It does not say what
# either of them means inside a value, so such a value could change other columns.
_AMBIGUOUS = re.compile(r'["\\\x00-\x1f\x85\u2028\u2029]')


@dataclass(frozen=True)
class Columns:
    """The columns of the user pool's files.

    Attributes:
        names: all of them, in the order of GetCSVHeader.
        id: the column that gets the user's primary key at the other site.
        hash: the column of password hashes.
    """

    names: tuple[str, ...]
    id: str
    hash: str

    @classmethod
    def of(cls, header: Sequence[str], *, id_attribute: str, hash_column: str | None) -> Columns:
        """Find the columns. Raises InfraError."""
        names, id_column = tuple(header), f"custom:{id_attribute}"
        if id_column not in names:
            raise InfraError(
                f"The user pool has no attribute {id_column}, which binds users to their former "
                f'rows. Set CustomAttribute1 = "{id_attribute}" for the stage, and deploy.'
            )
        if hash_column is not None:
            return cls((*names, *({hash_column} - set(names))), id_column, hash_column)
        found = [name for name in names if "hash" in name.lower()]
        if len(found) != 1:
            raise InfraError(
                "GetCSVHeader names no column for password hashes. Look it up in AWS's "
                "documentation of import jobs, and name it with --hash-column."
            )
        return cls(names, id_column, found[0])

    def require(self, people: Sequence[Person]) -> None:
        """Raise InfraError if the pool lacks an attribute of these users."""
        wanted = {name for person in people for name in person.attributes}
        if missing := sorted(wanted - set(self.names)):
            raise InfraError(
                f"The user pool has no attribute {', '.join(missing)}. Leave it out of "
                "ATTRIBUTES at the other site, or add it to the pool."
            )


@dataclass(frozen=True)
class Part:
    """The users of one job, in the order of its lines, and its file."""

    people: tuple[Person, ...]
    content: bytes


def parts(
    people: Sequence[Person],
    columns: Columns,
    form: str,
    *,
    maximum_users: int = MAXIMUM_USERS,
    maximum_bytes: int = MAXIMUM_BYTES,
) -> Iterator[Part]:
    """Yield files with all of these users, which have one algorithm."""
    head = _line(columns.names)
    held: list[Person] = []
    lines: list[bytes] = [head]
    size = len(head)
    for person in people:
        line = line_of(person, columns, form)
        if held and (len(held) >= maximum_users or size + len(line) > maximum_bytes):
            yield Part(tuple(held), b"".join(lines))
            held, lines, size = [], [head], len(head)
        held.append(person)
        lines.append(line)
        size += len(line)
    if held:
        yield Part(tuple(held), b"".join(lines))


def obstacle(person: Person, columns: Columns, form: str) -> str:
    """Return why the file cannot have this user; empty if it can."""
    values = _values(person, columns, form)
    if any(_AMBIGUOUS.search(value) for value in values):
        return "an import job takes no quotation mark, backslash or line break in a value"
    if len(_line(values).decode()) > MAXIMUM_LINE_CHARACTERS:
        return "the line is longer than Cognito takes"
    return ""


def line_of(person: Person, columns: Columns, form: str) -> bytes:
    return _line(_values(person, columns, form))


def _values(person: Person, columns: Columns, form: str) -> list[str]:
    values = {
        **{name: _one_line(value) for name, value in person.attributes.items()},
        "birthdate": _birthdate(person.attributes),
        "email": person.email,
        "email_verified": _truth(person.attributes.get("email_verified")),
        "phone_number_verified": _truth(person.attributes.get("phone_number_verified")),
        MFA_ENABLED: _FALSE,
        USERNAME: person.email,
        columns.id: person.id,
        columns.hash: in_form(form, person.algorithm, person.hash),
    }
    return [values.get(name, "") for name in columns.names]


def _line(values: Sequence[str]) -> bytes:
    return (",".join(value.replace(",", "\\,") for value in values) + "\n").encode()


def _birthdate(attributes: Mapping[str, str]) -> str:
    """Return the date in the form of the file, which is not that of the attribute."""
    given = attributes.get("birthdate", "")
    found = _BIRTHDATE.fullmatch(given)
    return f"{found[2]}/{found[3]}/{found[1]}" if found else given


def _one_line(value: str) -> str:
    # AWS does not say whether a value may contain line breaks.
    return " ".join(value.split())


def _truth(value: str | None) -> str:
    return _TRUE if value == "true" else _FALSE
