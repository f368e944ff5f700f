"""The files that an import writes for operators."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from infra.user_import.importing import LEFT, Result
from infra.user_import.people import Person
from infra.user_import.report import write


@pytest.mark.parametrize(
    ("address", "cell"),
    [
        ("=cmd|'/c'!a1@example.com", "'=cmd|'/c'!a1@example.com"),
        ("+1@example.com", "'+1@example.com"),
        ("-1@example.com", "'-1@example.com"),
        ('"a,=1"@example.com', '"a,\'=1"@example.com'),
        ("ann-lee+x@example.com", "ann-lee+x@example.com"),
    ],
)
def test_address_is_not_a_formula_in_a_spreadsheet(tmp_path: Path, address: str, cell: str) -> None:
    person = Person("1", "sign-in", "md5", {"email": address})
    _, left = write(tmp_path, [person], Result({"1": LEFT}, {"1": "md5"}))
    with left.open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert row["email"] == cell
