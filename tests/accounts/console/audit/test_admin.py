"""The audit trail in the API and in the admin."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.audit import export, trail
from accounts.audit.subject import Subject
from accounts.console.audit import admin as audit_admin
from accounts.models import AuditEvent, Revocation, User
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from cognito.testing import TokenFactory
from tests.accounts.console.conftest import Api
from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/operators/audit-events"
LIST = "/admin/accounts/auditevent/"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def operator(known_keys: None, tokens: TokenFactory, call: Caller) -> Api:
    """An operator without a user pool, which reading the trail does not need."""
    return Api(call, tokens, ("operators",))


@pytest.fixture
def admin(
    client: Client, enter: Callable[[User], None], stub: PoolStub, settings: Settings
) -> Client:
    stub.operators["olivia"] = lambda: ["operators"]
    olivia = User.objects.create(
        issuer=settings.COGNITO_ISSUER, sub="olivia", name="Olivia", is_staff=True
    )
    olivia.groups.add(Group.objects.get(name="operators"))
    enter(olivia)
    return client


def event(minutes: int = 0, **members: Any) -> AuditEvent:
    return AuditEvent.objects.create(
        **{
            "at": NOON + timedelta(minutes=minutes),
            "action": "sign_in",
            "outcome": "success",
            **members,
        }
    )


def test_list_names_the_agent_and_the_user_apart(admin: Client) -> None:
    event(
        actor_sub="agent-x",
        actor_label="uma@example.com, through agent-x",
        subject_sub="uma",
        subject_label="uma@example.com",
    )
    page = admin.get(LIST).content.decode()
    assert '?actor_sub=agent-x" title="agent-x">uma@example.com, through agent-x</a>' in page
    assert '?subject_sub=uma" title="uma">uma@example.com</a>' in page
    found = admin.get(f"{LIST}?actor_sub=agent-x").content.decode()
    assert "through agent-x" in found
    assert "through agent-x" not in admin.get(f"{LIST}?actor_sub=uma").content.decode()


def ids(operator: Api, query: str = "") -> list[int]:
    answer = operator.get(f"{EVENTS}?{query}")
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in body_of(answer)["results"]]


def test_events_come_newest_first_and_in_pages(operator: Api) -> None:
    made = [event(number // 2).pk for number in range(9)]
    seen: list[int] = []
    cursor = ""
    for _ in range(9):
        page = body_of(operator.get(f"{EVENTS}?limit=2{cursor}"))
        seen += [one["id"] for one in page["results"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        event(60)
    assert seen == made[::-1]


def test_api_returns_all_fields_of_an_event(operator: Api) -> None:
    event(detail="operators", actor_sub="a", actor_label="Ada", address="192.0.2.1")
    (one,) = body_of(operator.get(EVENTS))["results"]
    assert one == {
        "id": one["id"],
        "at": "2026-11-20T12:00:00Z",
        "action": "sign_in",
        "outcome": "success",
        "detail": "operators",
        "actor_sub": "a",
        "actor_label": "Ada",
        "subject_sub": "",
        "subject_label": "",
        "address": "192.0.2.1",
        "user_agent": "",
        "request_id": "",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1, 0]),
        ("actor=ada", [1, 0]),
        ("actor=AD", []),
        ("subject=bob", [2, 1]),
        ("action=disable_user", [1]),
        ("outcome=failure", [2]),
        ("since=2026-11-20T12:02:00Z", [3, 2]),
        ("until=2026-11-20T12:02:00Z", [1, 0]),
        ("since=2026-11-20T13:01:00%2B01:00&until=2026-11-20T12:03:00Z", [2, 1]),
        ("actor=ada&subject=bob", [1]),
    ],
)
def test_events_are_filtered(operator: Api, query: str, found: list[int]) -> None:
    made = [
        event(0, actor_sub="ada", subject_sub="ada"),
        event(1, actor_sub="ada", subject_sub="bob", action="disable_user"),
        event(2, subject_sub="bob", outcome="failure"),
        event(3),
    ]
    assert ids(operator, query) == [made[number].pk for number in found]


@pytest.mark.parametrize(
    "query",
    [
        "action=explode",
        "outcome=unknown",
        "since=yesterday",
        "until=1",
        "actor=" + "a" * 256,
        "subject=a%00b",
        "limit=0",
        "cursor=made-up",
    ],
)
def test_invalid_filters_are_refused(operator: Api, query: str) -> None:
    assert_problem(operator.get(f"{EVENTS}?{query}"), 400, "validation_failed")


def test_api_cannot_write_the_audit_trail(operator: Api) -> None:
    assert_problem(operator.post(EVENTS, action="sign_in"), 405, "method_not_allowed")
    assert_problem(operator.delete(EVENTS), 405, "method_not_allowed")


def test_change_of_the_staff_groups_counts_at_the_next_request(
    operator: Api, settings: Settings
) -> None:
    settings.COGNITO_STAFF_GROUPS = frozenset({"night-shift"})
    assert_problem(operator.get(EVENTS), 403, "not_in_group")
    operator.groups = ("night-shift",)
    assert operator.get(EVENTS).status_code == 200


def test_page_of_events_takes_one_query(
    operator: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        event(number)
    operator.get(EVENTS)
    with django_assert_num_queries(1):
        operator.get(f"{EVENTS}?limit=3")


# --- Labels of users


def test_user_has_the_same_label_in_all_events(operator: Api, settings: Settings) -> None:
    request = RequestFactory().get("/")
    known = {"issuer": settings.COGNITO_ISSUER, "sub": "ada"}
    # A sign-in has the address, a bearer token has only the `sub`, and the directory has both.
    signing_in = trail.find_person(**known, email="ada@example.com")
    trail.record(request, trail.Action.SIGN_IN, trail.Outcome.SUCCESS, actor=signing_in)
    bearer = trail.find_person(**known, username="ada")
    trail.record(request, trail.Action.PROFILE_CHANGE, trail.Outcome.SUCCESS, actor=bearer)
    of_pool = Subject("ada@example.com", "ada")
    trail.record(request, trail.Action.DISABLE_USER, trail.Outcome.SUCCESS, subject=of_pool)
    User.objects.create(**known, email="ada@example.com", name="Another Name")
    trail.record(
        request, trail.Action.SIGN_OUT, trail.Outcome.SUCCESS, actor=trail.find_person(**known)
    )
    labels = AuditEvent.objects.values_list("subject_label", "subject_sub").distinct()
    assert list(labels.order_by()) == [("ada@example.com", "ada")]


def test_user_without_a_recorded_label_is_labelled_by_the_sub(settings: Settings) -> None:
    request = RequestFactory().get("/")
    for _ in range(2):
        bearer = trail.find_person(issuer=settings.COGNITO_ISSUER, sub="ada", username="ada")
        trail.record(request, trail.Action.PROFILE_CHANGE, trail.Outcome.SUCCESS, actor=bearer)
    assert set(AuditEvent.objects.values_list("actor_label", flat=True)) == {"ada"}


# --- In the admin


def shown(admin: Client, query: str = "") -> str:
    response = admin.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_search_finds_a_user_by_present_and_recorded_names(admin: Client) -> None:
    User.objects.create(issuer="here", sub="sub-of-bob", email="bob@example.com", name="Bob")
    event(subject_sub="sub-of-bob", subject_label="Robert", detail="of-bob")
    event(subject_sub="sub-of-eve", subject_label="eve@example.com", detail="of-eve")
    for term in ("bob@", "Bo", "sub-of-bob", "Robert"):
        page = shown(admin, f"q={term}")
        assert "of-bob<" in page, term
        assert "of-eve<" not in page, term
    assert "of-eve<" in shown(admin, "q=eve@example.com")
    assert "of-eve<" not in shown(admin, "q=eve")


def test_query_with_nul_is_refused(admin: Client) -> None:
    """PostgreSQL would refuse the query, which would cause a 500."""
    for query in ("q=a%00b", "subject_sub=%00", "%00=1"):
        assert admin.get(f"{LIST}?{query}").status_code == 400


def test_events_are_filtered_in_the_admin(admin: Client) -> None:
    event(detail="one", action="disable_user", actor_sub="ada", subject_sub="bob")
    event(detail="two", outcome="failure", subject_sub="bob", actor_label="<b>")
    for query, one, two in (
        ("action__exact=disable_user", True, False),
        ("outcome__exact=failure", False, True),
        ("actor_sub=ada", True, False),
        ("subject_sub=bob", True, True),
        ("at__gte=2030-01-01 00:00:00%2B00:00", False, False),
    ):
        page = shown(admin, query)
        assert ('class="extra">one<' in page, 'class="extra">two<' in page) == (one, two), query
        assert "<b>" not in page


def test_events_are_filtered_by_days_and_minutes(admin: Client) -> None:
    """A last day is included, a last minute is not, and both are in UTC."""
    for minutes, name in ((-24 * 60, "day-before"), (0, "noon"), (1, "later"), (720, "day-after")):
        event(minutes, detail=name)
    for query, found in (
        ("from=2026-11-20", {"noon", "later", "day-after"}),
        ("until=2026-11-20", {"day-before", "noon", "later"}),
        ("from=2026-11-20&until=2026-11-20", {"noon", "later"}),
        ("from=2026-11-20T12:01", {"later", "day-after"}),
        ("from=2026-11-20T12:00&until=2026-11-20T12:01", {"noon"}),
        ("from=2026-11-20T13:00%2B01:00&until=2026-11-20T12:01", {"noon"}),
    ):
        page = shown(admin, query)
        names = {
            name for name in ("day-before", "noon", "later", "day-after") if f">{name}<" in page
        }
        assert names == found, query


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "until=2026-13-01",
        "until=2026-11-20T25:00",
        "from=0001-01-01",
        "until=9999-12-31",
        "from=2026-11-20&from=2026-11-21",
        "without=sleeping",
        "action__exact=explode",
    ],
)
def test_malformed_filters_of_the_list_are_refused(admin: Client, query: str) -> None:
    assert admin.get(f"{LIST}?{query}").status_code == 400
    assert admin.get(f"{LIST}export/?{query}").status_code == 400


def test_empty_fields_of_the_form_filter_nothing(admin: Client) -> None:
    event(detail="one")
    form = "q=&action__exact=&outcome__exact=&from=&until="
    page = shown(admin, form)
    assert ">one<" in page
    assert "Clear" not in page
    details = [row[3] for row in exported(admin, form)[1:]]
    assert details == ["CSV: all", "one"]


def test_form_shows_and_keeps_the_filters(admin: Client) -> None:
    event(subject_sub="uma", subject_label="uma@example.com", outcome="failure", action="renewal")
    query = "subject_sub=uma&outcome__exact=failure&without=sign_in&from=2026-11-20T10:00&q=uma"
    page = shown(admin, query)
    assert '<option value="failure" selected>Failure</option>' in page
    assert 'value="2026-11-20T10:00"' in page
    assert 'type="datetime-local"' in page
    assert '<input type="hidden" name="subject_sub" value="uma">' in page
    assert '<input type="hidden" name="without" value="sign_in">' in page
    assert "Subject: <strong>uma@example.com</strong>" in page
    assert "Without: <strong>Sign-in</strong>" in page


def test_action_can_be_left_out(admin: Client) -> None:
    event(detail="one")
    event(detail="two", action="renewal", outcome="failure")
    page = shown(admin, "without=sign_in")
    assert (">one<" in page, ">two<" in page) == (False, True)


def test_pages_lead_to_older_events_also_beyond_the_counted_ones(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_admin, "MAX_COUNTED", 4)
    monkeypatch.setattr(audit_admin, "PAGE_SIZE", 2)
    monkeypatch.setattr(audit_admin.AuditEventAdmin, "list_per_page", 2)
    for number in range(7):
        event(number, detail=f"number-{number}")
    seen: list[str] = []
    query = ""
    for _ in range(9):
        page = shown(admin, query)
        seen += re.findall(r">number-(\d)<", page)
        older = re.search(r'rel="next" href="\?([^"]+)"', page)
        if older is None:
            break
        query = older[1].replace("&amp;", "&")
    # The last event of the counted ones begins the next list again.
    assert list(dict.fromkeys(seen)) == ["6", "5", "4", "3", "2", "1", "0"]


def test_page_of_one_event_has_its_reason_in_words(admin: Client) -> None:
    one = event(outcome="failure", detail="wrong_password", user_agent="curl/8")
    page = admin.get(f"{LIST}{one.pk}/change/").content.decode()
    assert "<title>A visitor could not sign in |" in page
    assert "The password is wrong" in page
    assert "wrong_password" in page
    assert "curl/8" in page


def test_list_counts_at_most_max_counted_rows(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_admin, "MAX_COUNTED", 3)
    for number in range(5):
        event(number)
    with CaptureQueriesContext(connection) as queries:
        page = shown(admin)
    assert "of 3 or more" in page
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 3" in sql for sql in counts)


def exported(admin: Client, query: str = "") -> list[list[str]]:
    response: Any = admin.get(f"{LIST}export/?{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="audit-events.csv"'
    assert response["Cache-Control"] != "public"
    text = b"".join(response).decode()
    return list(csv.reader(io.StringIO(text)))


def test_export_contains_the_filtered_events(admin: Client) -> None:
    event(0, detail="one", address="192.0.2.1")
    event(1, detail='two, "quoted"\nlines', outcome="failure")
    head, *rows = exported(admin, "outcome__exact=failure")
    assert head == list(export.COLUMNS)
    assert [row[:4] for row in rows] == [
        ["2026-11-20T12:01:00.000000Z", "sign_in", "failure", 'two, "quoted"\nlines']
    ]
    latest = AuditEvent.objects.latest("pk")
    assert (latest.action, latest.actor_sub) == ("export_audit_events", "olivia")


def test_export_as_json_lines_has_the_same_events_and_members(admin: Client) -> None:
    event(0, detail="one", address="192.0.2.1", user_agent="=1+1")
    event(1, detail='two, "quoted"\nlines\u2028', outcome="failure")
    response: Any = admin.get(f"{LIST}export/json-lines/?action__exact=sign_in")
    assert response["Content-Type"] == "application/jsonl"
    assert response["Content-Disposition"] == 'attachment; filename="audit-events.jsonl"'
    lines = b"".join(response).decode().split("\n")
    assert lines.pop() == ""
    events = [json.loads(line) for line in lines]
    assert [list(one) for one in events] == [list(export.COLUMNS)] * 2
    assert [one["detail"] for one in events] == ['two, "quoted"\nlines\u2028', "one"]
    # Nothing is changed for spreadsheets, which do not read this format.
    assert (events[1]["user_agent"], events[1]["at"]) == ("=1+1", "2026-11-20T12:00:00.000000Z")
    latest = AuditEvent.objects.latest("pk")
    assert (latest.action, latest.detail) == (
        "export_audit_events",
        "JSON Lines: action__exact=sign_in",
    )


def test_export_ends_before_it_is_too_large_for_lambda(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        event(number, detail="ä" * 200, user_agent='"' * 100)
    for path, kind in (("", "csv"), ("json-lines/", "jsonl")):
        whole = b"".join(admin.get(f"{LIST}export/{path}?action__exact=sign_in"))
        monkeypatch.setattr(export, "MAX_BYTES", 10_000)
        part = b"".join(admin.get(f"{LIST}export/{path}?action__exact=sign_in"))
        monkeypatch.undo()
        assert whole.startswith(part)
        assert part.endswith(b"\n")
        # Lambda sends JSON, in which a quote is two bytes.
        assert 8_000 < len(json.dumps(part.decode(), ensure_ascii=False).encode()) <= 10_000, kind


FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def live_cells(text: str, *, separator: str) -> list[str]:
    """Return the cells that a spreadsheet with this separator reads as formulas."""
    lines = io.StringIO(text, newline=None)
    cells = [cell for row in csv.reader(lines, delimiter=separator) for cell in row]
    return [cell for cell in cells if cell.lstrip(' \t\r\n"').startswith(FORMULA_STARTS)]


@pytest.mark.parametrize(
    "before",
    [
        "",
        " ",
        "\t",
        "\r",
        "Mozilla;",
        "Mozilla; ",
        'Mozilla;"',
        '";"',
        "a,",
        "a\t",
        "a|",
        "a\n",
        "a\r\n",
        ";;",
        "a;'\"",
        "a\u2028",
        "a ",
        "a: ",
    ],
)
def test_no_cell_of_an_export_is_a_formula_with_any_separator(admin: Client, before: str) -> None:
    hostile = [f"{before}{start}1+1+cmd|calc!A0;x" for start in FORMULA_STARTS]
    for text in hostile:
        event(user_agent=text, subject_label=text, actor_label=text, detail=text)
    response: Any = admin.get(f"{LIST}export/?action__exact=sign_in")
    exported_text = b"".join(response).decode()
    assert exported_text.count("cmd|calc!A0") == 4 * len(hostile)
    for separator in ",;\t|: ":
        assert live_cells(exported_text, separator=separator) == [], separator
    # Each cell has additional apostrophes, and lacks nothing.
    [_, *rows] = list(csv.reader(io.StringIO(exported_text, newline="")))
    found = {cell.replace("'", "") for row in rows for cell in row if "cmd" in cell}
    assert found == {text.replace("'", "") for text in hostile}


def test_harmless_cells_of_an_export_are_unchanged(admin: Client) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) a=b, c-d; e+f"
    event(user_agent=agent, detail="operators, readers")
    (_, row) = exported(admin, "action__exact=sign_in")
    assert (row[9], row[3]) == (agent, "operators, readers")


def test_export_has_at_most_max_rows(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_ROWS", 2)
    newest = [event(number, detail=str(number)) for number in range(4)][-2:]
    rows = exported(admin, "action__exact=sign_in")[1:]
    assert [row[3] for row in rows] == [one.detail for one in newest[::-1]]


def test_export_needs_the_permission_to_view_events(admin: Client) -> None:
    Group.objects.get(name="operators").permissions.clear()
    assert admin.get(f"{LIST}export/").status_code == 403
    assert not AuditEvent.objects.exists()


# --- Users and their sessions in the admin


def test_operator_cannot_change_rows_of_users_with_more_rights(
    admin: Client,
) -> None:
    root = User.objects.create(issuer="here", sub="root", is_staff=True, is_superuser=True)
    session = root.browser_sessions.create(signed_in_at=NOON, last_seen_at=NOON, renewed_at=NOON)
    assert admin.post(f"/admin/accounts/user/{root.pk}/change/", {}).status_code == 403
    deletion = f"/admin/accounts/browsersession/{session.pk}/delete/"
    assert admin.post(deletion, {"post": "yes"}).status_code == 403
    root.refresh_from_db()
    assert root.is_active
    assert root.browser_sessions.exists()


def test_operator_cannot_disable_their_own_account_on_this_site(admin: Client) -> None:
    me = User.objects.get(sub="olivia")
    assert admin.post(f"/admin/accounts/user/{me.pk}/change/", {}).status_code == 403
    me.refresh_from_db()
    assert me.is_active


def test_disabling_and_enabling_a_user_on_this_site_is_recorded(admin: Client) -> None:
    bob = User.objects.create(issuer="here", sub="bob")
    for form, action in (({}, "switch_off_user"), ({"is_active": "on"}, "switch_on_user")):
        assert admin.post(f"/admin/accounts/user/{bob.pk}/change/", form).status_code == 302
        latest = AuditEvent.objects.latest("pk")
        assert (latest.action, latest.subject_sub, latest.actor_sub) == (action, "bob", "olivia")
    admin.post(f"/admin/accounts/user/{bob.pk}/change/", {"is_active": "on"})
    assert AuditEvent.objects.count() == 2


def test_sign_out_of_a_device_is_recorded_and_revokes_its_bearer_tokens(admin: Client) -> None:
    bob = User.objects.create(issuer="here", sub="bob")
    session = bob.browser_sessions.create(
        origin_jti="of-bob", signed_in_at=NOON, last_seen_at=NOON, renewed_at=NOON
    )
    deletion = f"/admin/accounts/browsersession/{session.pk}/delete/"
    assert admin.post(deletion, {"post": "yes"}).status_code == 302
    assert not bob.browser_sessions.exists()
    assert Revocation.objects.get().origin_jti == "of-bob"
    latest = AuditEvent.objects.latest("pk")
    assert (latest.action, latest.subject_sub) == ("sign_out_device", "bob")


def test_exports_are_limited_for_each_operator(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OPERATOR_REQUESTS", Limit(2, 300))
    answers = [admin.get(f"{LIST}export/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1]["Retry-After"]
    assert AuditEvent.objects.filter(action="export_audit_events").count() == 2
