"""The audit trail: the contents of events, and that events cannot be changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test import RequestFactory

from accounts.audit import trail
from accounts.client_address import client_address
from accounts.models import AuditEvent, BrowserSession, User
from accounts.models.audit_event import AuditEventIsFinal
from tests.support.provider.browser import Browser
from tests.support.provider.people import Person

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
    event = AuditEvent.objects.get()
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

    event, user = AuditEvent.objects.get(), User.objects.get()

    assert event.actor_label == event.subject_label == str(user) == person.email
    assert event.actor_sub == person.sub
    assert user.name == as_shown


@pytest.mark.django_db
def test_invisible_characters_of_a_request_are_shown_in_the_trail(browser: Browser) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    browser.come_back(callback, HTTP_USER_AGENT="a\xad\x1b[31m")

    assert AuditEvent.objects.get().user_agent == "a[U+00AD][U+001B][31m"
    assert BrowserSession.objects.get().user_agent == "a[U+00AD][U+001B][31m"


@pytest.mark.django_db
@pytest.mark.parametrize("user_agent", ["", "x" * 4_000, "a\0b", "\x1b[31m", "<script>"])
def test_user_agent_is_only_a_label(browser: Browser, user_agent: str) -> None:
    callback = browser.visit_hosted_ui(browser.begin())
    assert browser.come_back(callback, HTTP_USER_AGENT=user_agent).status_code == 302
    stored = BrowserSession.objects.get().user_agent
    assert len(stored) <= 400
    assert "\0" not in stored
    page = browser.get("/accounts/profile/").content.decode()
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
def test_event_is_kept_after_its_user_is_deleted(browser: Browser) -> None:
    person = Person()
    browser.signed_in(person)
    User.objects.all().delete()
    assert AuditEvent.objects.get().actor_sub == person.sub


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
