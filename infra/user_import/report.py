"""What an import prints and writes: a table, the users who are left, the reconciliation file."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from infra.user_import.importing import Result, counts
from infra.user_import.people import Person

RECONCILIATION, LEFT = "reconciliation.csv", "left.csv"
# Operators open the file in a spreadsheet, and users choose their addresses.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"((?:^|[,;|:\s])[\s\"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def write(directory: Path, people: Sequence[Person], result: Result) -> list[Path]:
    """Write both files, which only you can read, and return their paths.

    The reconciliation file binds each row of the other site to a user of the pool: `pk` is the
    primary key there, and `sub` the user's id here. `manage.py link_identities --mapping` takes it.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = (
        (person.id, result.users[person.id].sub) for person in people if person.id in result.users
    )
    left = (
        (
            person.id,
            _FORMULA.sub(r"\1'", person.email),
            person.way,
            result.states[person.id],
            result.reasons[person.id],
        )
        for person in people
        if person.id not in result.users
    )
    return [
        _write(directory / RECONCILIATION, ("pk", "sub"), known),
        _write(directory / LEFT, ("pk", "email", "way", "state", "reason"), left),
    ]


def table(people: Sequence[Person], result: Result) -> str:
    """Return the number of users by algorithm and state."""
    numbers = counts(people, result)
    states = sorted({state for _, state in numbers})
    lines = [f"{'algorithm':<15}" + "".join(f"{state:>12}" for state in states)]
    for algorithm in sorted({algorithm for algorithm, _ in numbers}):
        cells = "".join(f"{numbers[algorithm, state]:>12}" for state in states)
        lines.append(f"{algorithm:<15}{cells}")
    total = "".join(
        f"{sum(number for (_, one), number in numbers.items() if one == state):>12}"
        for state in states
    )
    return "\n".join([*lines, f"{'all':<15}{total}"])


def _write(path: Path, names: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    return partial.replace(path)
