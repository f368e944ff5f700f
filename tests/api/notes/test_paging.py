from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import signing

from api.notes.models import Note
from tests.api.notes.conftest import NOTES, Writer, address
from tests.support.answers import assert_problem, body_of

pytestmark = pytest.mark.django_db


def page(writer: Writer, limit: int, cursor: str | None = None) -> dict[str, Any]:
    query = f"?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
    answer: dict[str, Any] = body_of(writer(NOTES + query))
    assert answer.keys() == {"results", "next_cursor"}
    return answer


def pages(writer: Writer, limit: int) -> list[list[str]]:
    """Return all pages. Fail after ten, so that a wrong cursor causes no endless loop."""
    found, cursor = [], None
    for _ in range(10):
        current = page(writer, limit, cursor)
        found.append([note["title"] for note in current["results"]])
        cursor = current["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("more pages than notes")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (2, [["5", "4"], ["3", "2"], ["1"]]),
        (5, [["5", "4", "3", "2", "1"]]),
        (1, [["5"], ["4"], ["3"], ["2"], ["1"]]),
    ],
)
def test_pages_follow_each_other_newest_first(
    ada: Writer, bob: Writer, limit: int, expected: list[list[str]]
) -> None:
    for number in range(1, 6):
        ada.write(str(number))
        bob.write(f"Bobs {number}")
    assert pages(ada, limit) == expected


def test_without_a_limit_a_page_has_twenty(ada: Writer) -> None:
    for number in range(21):
        ada.write(str(number))
    assert len(ada.titles()) == 20


def test_notes_of_the_same_time_are_listed_once_each(ada: Writer) -> None:
    for number in range(7):
        ada.write(str(number))
    Note.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    listed = [title for titles in pages(ada, 2) for title in titles]
    assert sorted(listed) == list("0123456")


def test_added_and_deleted_notes_do_not_shift_the_next_page(ada: Writer) -> None:
    notes = [ada.write(str(number)) for number in range(6)]
    first = page(ada, 2)
    ada.write("new")
    ada(address(notes[5]), method="DELETE")
    second = page(ada, 2, first["next_cursor"])
    assert [note["title"] for note in second["results"]] == ["3", "2"]


def test_cursor_lists_only_notes_of_the_caller(ada: Writer, bob: Writer) -> None:
    for number in range(3):
        ada.write(str(number))
    cursor = page(ada, 1)["next_cursor"]
    assert page(bob, 1, cursor) == {"results": [], "next_cursor": None}


@pytest.mark.parametrize(
    "forged",
    [
        lambda _: "",
        lambda _: "x",
        lambda cursor: cursor[:-1],
        lambda cursor: cursor.upper(),
        lambda _: "%00",
        lambda _: "%F0%9F%98%80" * 100,
        lambda _: "cD0yMDI2LTAxLTAx",
        lambda _: signing.dumps([0, False, "not a date"]),
        lambda _: signing.dumps([0, False, "not a date"], salt="another"),
    ],
)
def test_forged_cursor_is_refused(ada: Writer, forged: Callable[[str], str]) -> None:
    for number in range(3):
        ada.write(str(number))
    cursor = forged(page(ada, 1)["next_cursor"])
    refused = assert_problem(ada(f"{NOTES}?cursor={cursor}"), 400, "validation_failed")
    assert list(refused["errors"]) == ["cursor"]
