"""The audit trail: the contents of events, and that events cannot be changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test import RequestFactory
from django.utils import timezone

from accounts import process
from accounts.audit import trail
from accounts.audit.subject import Subject
from accounts.client_address import client_address
from accounts.metrics.declared import SIGN_INS
from accounts.models import AuditEvent, BrowserSession, User
from accounts.models.audit_event import AuditEventIsFinal
from cognito.testing import TokenFactory
from cognito.tokens.verifier import TokenVerifier
from tests.support.provider.browser import Browser
from tests.support.provider.people import Person

ISSUER = "https://pool.example"

FORGED = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.66, 10.0.0.1",
    "HTTP_X_REAL_IP": "198.51.100.66",
    "HTTP_FORWARDED": "for=198.51.100.66",
    "HTTP_CLIENT_IP": "198.51.100.66",
    "HTTP_TRUE_CLIENT_IP": "198.51.100.66",
}


def test_client_address_is_that_of_the_connection() -> None:
    forged: dict[str, Any] = FORGED
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7", **forged)
    assert client_address(request) == "203.0.113.7"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"REMOTE_ADDR": ""}, None),
        ({"REMOTE_ADDR": "unix:"}, None),
        ({"REMOTE_ADDR": "2001:DB8::0001"}, "2001:db8::1"),
        ({"REMOTE_ADDR": "fe80::1%eth0"}, "fe80::1"),
    ],
)
def test_client_address_is_normalized_and_an_invalid_one_is_none(
    environ: dict[str, Any], expected: str | None
) -> None:
    assert client_address(RequestFactory().get("/", **environ)) == expected


@pytest.mark.django_db
def test_sign_in_is_recorded(browser: Browser) -> None:
    person = Person()
    forged: dict[str, Any] = FORGED
    callback = browser.visit_hosted_ui(browser.begin())
    response = browser.come_back(
        callback, HTTP_USER_AGENT="Firefox/140.0", REMOTE_ADDR="203.0.113.7", **forged
    )
    assert response.status_code == 302
    user = User.objects.get()
    event = AuditEvent.objects.get(action="sign_in")
    assert (event.action, event.outcome, event.detail) == ("sign_in", "success", "")
    assert (event.actor_sub, event.subject_sub) == (user.sub, user.sub)
    assert event.actor_label == event.subject_label == person.email
    assert (event.address, event.user_agent) == ("203.0.113.7", "Firefox/140.0")
    assert event.request_id == response["X-Request-ID"]
    row = BrowserSession.objects.get()
    assert (row.address, row.user_agent) == ("203.0.113.7", "Firefox/140.0")
    assert person.email in str(event)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "as_shown"),
    [("victim@example.com", "victim@example.com"), ("Ann \u202egpj", "Ann [U+202E]gpj")],
)
def test_name_that_a_user_chose_does_not_become_the_label(
    browser: Browser, name: str, as_shown: str
) -> None:
    person = Person(name=name)
    browser.signed_in(person)

    event, user = AuditEvent.objects.get(action="sign_in"), User.objects.get()

    assert event.actor_label == event.subject_label == str(user) == person.email
    assert event.actor_sub == person.sub
    assert user.name == as_shown


@pytest.mark.django_db
def test_invisible_characters_of_a_request_are_shown_in_the_trail(browser: Browser) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    browser.come_back(callback, HTTP_USER_AGENT="a\xad" + "\x1b" * 100)

    expected = ("a[U+00AD]" + "[U+001B]" * 100)[:400]
    assert AuditEvent.objects.get(action="sign_in").user_agent == expected
    assert BrowserSession.objects.get().user_agent == expected


@pytest.mark.django_db
@pytest.mark.parametrize("user_agent", ["", "x" * 4_000, "a\0b", "\x1b[31m", "<script>"])
def test_user_agent_is_only_a_label(browser: Browser, user_agent: str) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    assert browser.come_back(callback, HTTP_USER_AGENT=user_agent).status_code == 302
    stored = BrowserSession.objects.get().user_agent
    assert len(stored) <= 400
    assert "\0" not in stored
    page = browser.get("/accounts/profile/devices/").content.decode()
    assert "Unknown browser" in page
    assert "<script>" not in page


@pytest.mark.django_db
def test_texts_of_an_event_contain_no_nul_and_are_cut() -> None:
    """PostgreSQL stores neither, so the event would be missing."""
    actor = User(issuer="i", sub="a", name="n\0" * 400)
    request = RequestFactory().get("/", HTTP_USER_AGENT="a\0" * 400)
    trail.record(
        request, trail.Action.SIGN_IN, trail.Outcome.FAILURE, actor=actor, detail="d\0" * 400
    )
    event = AuditEvent.objects.get()
    assert event.user_agent == "a" * 200
    texts = {
        event.detail: 400,
        event.actor_label: 320,
        event.subject_label: 320,
    }
    for text, limit in texts.items():
        assert len(text) == limit
        assert "\0" not in text


@pytest.mark.django_db
def test_event_cannot_be_changed_or_deleted() -> None:
    trail.record(
        RequestFactory().get("/"),
        trail.Action.SIGN_IN,
        trail.Outcome.FAILURE,
        detail="x" * 1_000,
    )
    event = AuditEvent.objects.get()
    assert len(event.detail) == 400
    assert "unknown" in str(event)
    event.detail = "changed"
    for change in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(detail="changed"),
        lambda: AuditEvent.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(AuditEventIsFinal):
            change()
    assert AuditEvent.objects.get().detail == "x" * 400


@pytest.mark.django_db
def test_only_sign_ins_are_counted_and_each_by_its_result() -> None:
    success, failure = trail.Outcome.SUCCESS, trail.Outcome.FAILURE
    for outcome in (success, failure, failure):
        trail.record(RequestFactory().get("/"), trail.Action.SIGN_IN, outcome)
    trail.record(RequestFactory().get("/"), trail.Action.SIGN_OUT, success)
    assert process.current.metrics.totals() == {
        (SIGN_INS, "success"): [1],
        (SIGN_INS, "failure"): [2],
    }


@pytest.mark.django_db
def test_subject_may_differ_from_the_actor() -> None:
    actor = User.objects.create(issuer="i", sub="a", name="Operator")
    subject = User.objects.create(issuer="i", sub="b", email="b@example.com")
    trail.record(
        RequestFactory().get("/"),
        trail.Action.GROUP_CHANGE,
        trail.Outcome.SUCCESS,
        actor=actor,
        subject=subject,
    )
    event = AuditEvent.objects.get()
    assert (event.actor_label, event.subject_label) == ("Operator", "b@example.com")


@pytest.mark.django_db
def test_person_with_a_row_is_the_row() -> None:
    rows = [
        User.objects.create(issuer=issuer, sub=sub)
        for issuer, sub in [("other", "ada"), (ISSUER, "bob"), (ISSUER, "ada")]
    ]
    found = trail.find_person(issuer=ISSUER, sub="ada", email="ada@example.com", username="Ada")
    assert found == rows[-1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("known", "label"),
    [
        ({}, "ada"),
        ({"username": "Ada"}, "Ada"),
        ({"username": "Ada", "email": "ada@example.com"}, "ada@example.com"),
        ({"email": "a\u202eda@example.com"}, "a[U+202E]da@example.com"),
    ],
    ids=["sub", "username", "address", "invisible"],
)
def test_person_without_a_row_has_the_best_label_that_is_known(
    known: dict[str, str], label: str
) -> None:
    found = trail.find_person(issuer=ISSUER, sub="ada", **known)
    assert found == Subject(label, "ada", ISSUER, known.get("username", ""))


@pytest.mark.django_db
def test_person_without_a_row_keeps_the_label_of_the_latest_event() -> None:
    labels = [("ada", ""), ("ada", "ada"), ("bob", "bob@example.com"), ("ada", "new@example.com")]
    for minute, (sub, label) in enumerate([*labels, ("ada", "old@example.com")]):
        at = timezone.now() - timedelta(minutes=minute)
        AuditEvent.objects.create(subject_sub=sub, subject_label=label, at=at)
    assert str(trail.find_person(issuer=ISSUER, sub="ada", username="Ada")) == "new@example.com"
    assert str(trail.find_person(issuer=ISSUER, sub="ada", email="a@b.example")) == "a@b.example"
    assert str(trail.find_person(issuer=ISSUER, sub="eve")) == "eve"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subject", "label"),
    [
        (None, "uma@example.com, through agent-x"),
        (Subject("Bob", "bob"), "uma@example.com (uma), through agent-x"),
    ],
    ids=["herself", "another"],
)
def test_agent_that_acts_for_a_user_is_recorded_as_the_actor(
    subject: Subject | None, label: str, token_factory: TokenFactory, token_verifier: TokenVerifier
) -> None:
    user = User.objects.create(issuer=ISSUER, sub="uma", email="uma@example.com")
    token = token_factory.access(sub=user.sub, act={"sub": "agent-x"})
    claims = token_verifier.verify(token, token_uses=frozenset({"access"}))
    request = RequestFactory().get("/")
    request.auth = claims  # type: ignore[attr-defined] # as Django REST framework sets it
    action, outcome = trail.Action.SIGN_OUT, trail.Outcome.SUCCESS
    trail.record(request, action, outcome, actor=user, subject=subject)
    event = AuditEvent.objects.get()
    assert (event.actor_sub, event.actor_label) == ("agent-x", label)
    assert (event.subject_sub, event.subject_label) == (
        ("bob", "Bob") if subject else ("uma", "uma@example.com")
    )
    trail.record(request, action, outcome, subject=Subject("Bob"))
    assert AuditEvent.objects.latest("pk").actor_sub == "", "no user, so no agent for one"


@pytest.mark.django_db
def test_event_without_anything_else_has_empty_texts() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="")
    trail.record(request, trail.Action.SIGN_IN, trail.Outcome.FAILURE)
    texts = AuditEvent.objects.values_list(
        *("detail", "actor_sub", "actor_label", "subject_sub", "subject_label"),
        *("user_agent", "request_id"),
    )
    assert set(texts.get()) == {""}


@pytest.mark.django_db
def test_event_that_cannot_be_written_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is down")

    request, ada, bob = RequestFactory().get("/"), Subject(sub="ada"), Subject(sub="bob")
    action, outcome = trail.Action.DELETE_USER, trail.Outcome.SUCCESS
    with connection.execute_wrapper(refuse):
        with pytest.raises(OperationalError):
            trail.record(request, action, outcome, actor=ada, subject=bob)
        with pytest.raises(OperationalError):
            trail.record(request, action, outcome)
    assert [line.getMessage() for line in caplog.records] == [
        "The audit trail lacks an event: delete_user, success, by ada, of bob",
        "The audit trail lacks an event: delete_user, success, by unknown, of unknown",
    ]


@pytest.mark.django_db
def test_event_is_kept_after_its_user_is_deleted(browser: Browser) -> None:
    person = Person()
    browser.signed_in(person)
    User.objects.all().delete()
    assert AuditEvent.objects.get(action="sign_in").actor_sub == person.sub


def test_new_action_needs_no_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    field = AuditEvent._meta.get_field("action")
    monkeypatch.setattr(field, "choices", [*trail.Action.choices, ("lend_key", "Key lent")])
    AuditEvent(action="lend_key", outcome="success").full_clean()
    migrations = MigrationLoader(None)
    changes = MigrationAutodetector(migrations.project_state(), ProjectState.from_apps(apps))
    assert changes.changes(migrations.graph) == {}


def test_action_has_a_label_and_unknown_action_is_refused() -> None:
    event = AuditEvent(action=trail.Action.DELETE_USER, outcome=trail.Outcome.SUCCESS)
    assert str(event) == "User deleted: unknown (success)"
    event.full_clean()
    event.action = "unknown"
    with pytest.raises(ValidationError) as refused:
        event.full_clean()
    assert set(refused.value.message_dict) == {"action"}
