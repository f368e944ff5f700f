"""An endpoint is complete when its tests show its results, its permissions and its errors."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from api.notes.models import Note
from cognito.testing import TokenFactory
from tests.api.notes.conftest import NOTES, Writer, address
from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller
from tests.support.database_steps import recorded_steps

pytestmark = pytest.mark.django_db


def test_note_is_created_read_changed_and_deleted(ada: Writer) -> None:
    created = ada(method="POST", body={"title": "Tea", "body": "  two bags\n"})
    note = body_of(created)
    assert created.status_code == 201
    assert created["Location"] == address(note)
    assert note.keys() == {"id", "title", "body", "created_at", "updated_at"}
    assert (note["title"], note["body"]) == ("Tea", "  two bags\n")
    assert datetime.fromisoformat(note["created_at"]).tzinfo is not None

    assert body_of(ada(address(note))) == note
    assert body_of(ada()) == {"results": [note], "next_cursor": None}

    changed = ada(address(note), method="PATCH", body={"title": "Coffee"})
    assert changed.status_code == 200
    assert body_of(changed)["title"] == "Coffee"
    assert body_of(changed)["body"] == "  two bags\n"
    assert body_of(changed)["created_at"] == note["created_at"]
    assert body_of(changed)["updated_at"] > note["updated_at"]
    assert body_of(ada(address(note))) == body_of(changed)

    deleted = ada(address(note), method="DELETE")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert_problem(ada(address(note)), 404, "not_found")
    assert body_of(ada())["results"] == []


def test_empty_change_updates_only_the_time(ada: Writer) -> None:
    note = ada.write("Tea")
    same = body_of(ada(address(note), method="PATCH", body={}))
    assert same | {"updated_at": ""} == note | {"updated_at": ""}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_note_of_another_user_is_not_found(ada: Writer, bob: Writer, method: str) -> None:
    note = ada.write("Adas")
    body = {"title": "Bobs"} if method == "PATCH" else None
    there = bob(address(note), method=method, body=body)
    nowhere = bob(f"{NOTES}/{uuid4()}", method=method, body=body)

    assert_problem(there, 404, "not_found")
    without_id = [body_of(answer) | {"request_id": ""} for answer in (there, nowhere)]
    assert without_id[0] == without_id[1]
    assert body_of(ada(address(note))) == note
    assert bob.titles() == []


def test_same_sub_of_another_pool_is_another_user(ada: Writer) -> None:
    Note.objects.create(owner_issuer="https://elsewhere.example", owner_sub="ada", title="Theirs")
    ada.write("Ours")
    assert ada.titles() == ["Ours"]


def test_owner_of_a_new_note_is_the_caller(ada: Writer, bob: Writer) -> None:
    for member in ("owner_sub", "owner", "owner_issuer", "id", "created_at"):
        refused = ada(method="POST", body={"title": "For Bob", member: "bob"})
        assert assert_problem(refused, 400, "validation_failed")["errors"] == {
            member: ["This cannot be set. Remove it."]
        }
    assert Note.objects.count() == 0


@pytest.mark.parametrize("member", ["owner_sub", "updated_at", "tilte"])
def test_only_title_and_body_can_be_changed(ada: Writer, member: str) -> None:
    note = ada.write("Tea")
    refused = ada(address(note), method="PATCH", body={"title": "Coffee", member: "bob"})
    assert member in assert_problem(refused, 400, "validation_failed")["errors"]
    assert body_of(ada(address(note))) == note


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": " Tea"}, "title"),
        ({"title": "Tea\n"}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "N\0L"}, "title"),
        ({"title": "two\u2028lines"}, "title"),
        ({"title": "next\x85line"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"title": 1}, "title"),
        ({"title": True}, "title"),
        ({"title": ["Tea"]}, "title"),
        ({"title": {"en": "Tea"}}, "title"),
        ({"title": "Tea", "body": None}, "body"),
        ({"title": "Tea", "body": 1}, "body"),
        ({"title": "Tea", "body": "x" * 10_001}, "body"),
        ({"title": "Tea", "body": "N\0L"}, "body"),
    ],
)
def test_invalid_note_is_refused(ada: Writer, body: dict[str, Any], member: str) -> None:
    refused = ada(method="POST", body=body)
    assert list(assert_problem(refused, 400, "validation_failed")["errors"]) == [member]
    assert Note.objects.count() == 0


@pytest.mark.parametrize(
    ("title", "body"),
    [("x" * 200, "é" * 10_000), ("7", ""), ("\u2603 \U0001f600", "\r\n\t")],
)
def test_note_is_returned_as_it_was_sent(ada: Writer, title: str, body: str) -> None:
    note = ada.write(title, body)
    assert (note["title"], note["body"]) == (title, body)
    assert body_of(ada(address(note))) == note


def test_search_covers_title_and_body_in_any_case(ada: Writer, bob: Writer) -> None:
    ada.write("Shopping", "milk, TEA")
    ada.write("Tea time", "at five")
    ada.write("100% sure", "")
    bob.write("Tea, too")
    assert ada.titles("?search=tea") == ["Tea time", "Shopping"]
    assert ada.titles("?search=%25") == ["100% sure"], "SQL wildcards must have no effect"
    assert ada.titles("?search=_") == []
    assert len(ada.titles("?search=")) == 3


def test_updated_since_lists_later_changes(ada: Writer) -> None:
    first, second = ada.write("First"), ada.write("Second")
    ada.write("Third")
    later = body_of(ada(address(first), method="PATCH", body={"body": "more"}))["updated_at"]
    assert ada.titles(f"?updated_since={later}") == ["First"]
    assert ada.titles(f"?updated_since={second['updated_at']}") == ["Third", "Second", "First"]
    assert ada.titles(f"?updated_since={later}&search=second") == []


@pytest.mark.parametrize(
    "query",
    [
        "updated_since=yesterday",
        "updated_since=",
        "updated_since=99999-01-01T00:00:00Z",
        "updated_since=9999-12-31T23:59:59-14:00",
        "search=%00",
        "search=" + "x" * 201,
        "limit=0",
        "limit=101",
        "limit=",
        "limit=many",
        "limit=-1",
    ],
)
def test_invalid_query_is_refused_by_name(ada: Writer, query: str) -> None:
    refused = assert_problem(ada(f"{NOTES}?{query}"), 400, "validation_failed")
    assert list(refused["errors"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("method", ["PUT", "TRACE", "OPTIONS", "POST"])
def test_other_methods_of_a_note_are_refused(ada: Writer, method: str) -> None:
    note = ada.write("Tea")
    response = ada(address(note), method=method, body={"title": "Coffee"})
    assert_problem(response, 405, "method_not_allowed")
    overridden = ada(
        address(note), method="POST", body={"title": "x"}, HTTP_X_HTTP_METHOD_OVERRIDE="PATCH"
    )
    assert_problem(overridden, 405, "method_not_allowed")
    assert body_of(ada(address(note))) == note


@pytest.mark.parametrize(
    "number", ["1", "me", "not-a-uuid", "%00", "0B6ED9F2-6F0C-4C43-8F5A-3F2A1C9A7D10"]
)
def test_malformed_id_is_not_found(ada: Writer, number: str) -> None:
    assert_problem(ada(f"{NOTES}/{number}"), 404, "not_found")


@pytest.mark.parametrize("path", [NOTES, f"{NOTES}/0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_request_without_a_token_is_refused(call: Caller, path: str, method: str) -> None:
    assert_problem(call(path=path, method=method), 401, "not_authenticated")


def test_partner_user_needs_the_scope_of_the_method(
    call: Caller, tokens: TokenFactory, known_keys: None, settings: Any
) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"partner1"})

    def partner_user(scope: str) -> Writer:
        return Writer(call, tokens.access(client_id="partner1", scope=scope))

    writer, reader, neither = (
        partner_user("api/write"),
        partner_user("api/read"),
        partner_user("openid"),
    )
    note = writer.write("Tea")
    assert reader.titles() == ["Tea"]
    assert body_of(reader(address(note))) == note
    for refused, scope in [
        (neither(), "api/read"),
        (writer(), "api/read"),
        (writer(address(note)), "api/read"),
        (reader(method="POST", body={"title": "Coffee"}), "api/write"),
        (reader(address(note), method="PATCH", body={"title": "Coffee"}), "api/write"),
        (reader(address(note), method="DELETE"), "api/write"),
    ]:
        assert_problem(refused, 403, "insufficient_scope")
        assert f'scope="{scope}"' in refused["WWW-Authenticate"]
    assert reader.titles() == ["Tea"]


def test_list_needs_one_query(
    ada: Writer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        ada.write(str(number))
    with django_assert_num_queries(1):
        assert len(ada.titles()) == 5


def test_text_of_a_note_is_not_logged_or_in_its_repr(
    ada: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    ada.write("a private title", "a private body")
    ada(f"{NOTES}?search=private&limit=x")
    assert "private" not in caplog.text
    assert "private" not in repr(Note.objects.get())


def test_note_is_changed_under_a_lock(ada: Writer) -> None:
    note = ada.write("before")
    with recorded_steps() as steps:
        assert ada(address(note), method="PATCH", body={"title": "after"}).status_code == 200
    of_notes = [step for step in steps if step.endswith(" notes_note")]
    assert of_notes == ["lock notes_note", "update notes_note"]
