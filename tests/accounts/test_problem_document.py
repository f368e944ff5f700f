from __future__ import annotations

from http import HTTPStatus

from accounts.problem_document import problem_document


def test_problem_document_is_titled_by_its_status_and_keeps_further_members() -> None:
    members = problem_document(HTTPStatus.NOT_FOUND, detail="Nothing.", code="not_found")
    assert list(members.items()) == [
        ("type", "about:blank"),
        ("title", "Not Found"),
        ("status", 404),
        ("detail", "Nothing."),
        ("code", "not_found"),
    ]
