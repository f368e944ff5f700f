"""Users download their data, and delete their account."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.text import slugify
from pytest_django import Settings

from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.own_account import own_data
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from api.notes.models import Note
from tests.accounts.own_account.account import (
    DATA,
    DELETE,
    DOWNLOAD,
    errors,
    events,
    form_error,
    notices,
    values,
)
from tests.accounts.own_account.authenticator import text_of
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

TYPED = {"typed": "Ada@example.com "}
ROOT = "root"


def downloaded(visitor: Browser) -> dict[str, Any]:
    response = visitor.post(DOWNLOAD)
    assert response.status_code == 200
    found: dict[str, Any] = json.loads(response.content)
    return found


# begin capability notes
def add_note(person: Person, title: str, body: str = "") -> Note:
    issuer = User.objects.get(sub=person.sub).issuer
    return Note.objects.create(owner_issuer=issuer, owner_sub=person.sub, title=title, body=body)


# end capability notes


def test_file_has_the_data_of_this_user_only(
    visitor: Browser, new_browser: NewBrowser, person: Person, clock: Clock
) -> None:
    grace = Person(email="grace@example.com", name="Grace")
    new_browser().signed_in(grace)
    person.groups, person.phone_number = ["readers"], "+441632960000"
    # begin capability notes
    for owner in (person, grace):
        add_note(owner, f"Note of {owner.name}", "Grüße\n<b>")
    # end capability notes
    AuditEvent.objects.create(
        action="disable_user", outcome="success", actor_sub=grace.sub, actor_label=grace.email,
        subject_sub=person.sub, subject_label=person.email, address="203.0.113.9",
    )  # fmt: skip

    response = visitor.post(DOWNLOAD)
    assert response["Content-Type"] == "application/json"
    today = f"{clock.now():%Y-%m-%d}"
    filename = f"{slugify(project.SITE_NAME)}-data-{today}.json"
    assert response["Content-Disposition"] == f'attachment; filename="{filename}"'
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    found = json.loads(response.content)
    assert list(found) == [
        "created_at",
        "profile",
        "sessions",
        "events",
        "notes",  # only with notes
        "left_out",
    ]
    assert found["profile"] == {
        "sub": person.sub,
        "email": "ada@example.com",
        "email_verified": True,
        "phone_number": "+441632960000",
        "phone_number_verified": False,
        "name": "Ada Lovelace",
        "locale": None,
        "zoneinfo": None,
        "has_totp": False,
        "issuer": User.objects.get(sub=person.sub).issuer,
        "username": person.sub,
        "groups": ["readers"],
        "first_signed_in_at": found["profile"]["first_signed_in_at"],
    }
    (session,) = found["sessions"]
    assert session["id"] == visitor.session["browser_session_id"]
    # begin capability notes
    assert [(note["title"], note["body"]) for note in found["notes"]] == [
        ("Note of Ada Lovelace", "Grüße\n<b>")
    ]
    # end capability notes
    told = {event["action"]: (event["by"], event["address"]) for event in found["events"]}
    assert told["sign_in"] == ("you", "127.0.0.1")
    assert told["disable_user"] == ("someone else", None)
    assert "data_download" in told, "the download itself is recorded"
    assert found["left_out"] == {}
    assert "grace" not in response.content.decode().lower()


# begin capability notes
def test_file_has_a_bounded_size_and_says_what_it_leaves_out(
    visitor: Browser, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        add_note(person, f"{number:02}", "\n" * 1000)
    monkeypatch.setattr(own_data, "MAX_BYTES", 50_000)
    response = visitor.post(DOWNLOAD)
    assert len(response.content) < 52_000
    found = json.loads(response.content)
    titles = [note["title"] for note in found["notes"]]
    assert titles == [f"{number:02}" for number in range(39, 39 - len(titles), -1)]
    assert found["left_out"] == {"notes": 40 - len(titles)}


# end capability notes


def test_number_of_queries_does_not_grow_with_the_data(visitor: Browser, person: Person) -> None:
    def add(number: int) -> None:
        AuditEvent.objects.create(action="sign_in", outcome="success", actor_sub=person.sub)
        add_note(person, str(number))  # only with notes

    add(0)
    with CaptureQueriesContext(connection) as few:
        visitor.post(DOWNLOAD)
    for number in range(30):
        add(number)
    with CaptureQueriesContext(connection) as many:
        visitor.post(DOWNLOAD)
    assert len(many) == len(few)


def test_downloads_are_limited(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.own_account.data_pages.DATA_DOWNLOADS", Limit(2, limits.MINUTES))
    assert [visitor.post(DOWNLOAD).status_code for _ in range(3)] == [200, 200, 429]


def test_file_is_complete_or_absent(visitor: Browser, provider: Provider) -> None:
    provider.behave(get_user="status:500")
    response = visitor.post(DOWNLOAD)
    assert response.status_code == 503
    assert "Content-Disposition" not in response
    assert events() == []


def test_download_needs_a_session_and_a_csrf_token(new_browser: NewBrowser, person: Person) -> None:
    assert new_browser().post(DOWNLOAD)["Location"] == "/accounts/login/"
    attacked = new_browser(enforce_csrf_checks=True).signed_in(person)
    assert attacked.post(DOWNLOAD).status_code == 403
    assert attacked.get(DOWNLOAD).status_code == 405


def test_account_is_deleted_with_everything_in_it(
    visitor: Browser, new_browser: NewBrowser, person: Person, provider: Provider
) -> None:
    other = new_browser().signed_in(person)
    grace = Person(email="grace@example.com")
    new_browser().signed_in(grace)
    add_note(person, "mine")  # only with notes
    kept = add_note(grace, "hers")  # only with notes
    assert f'href="{DELETE}"' in text_of(visitor.get(DATA))
    assert "Type ada@example.com to confirm" in text_of(visitor.get(DELETE))

    done = visitor.post(DELETE, TYPED)
    assert done.status_code == 302
    assert urlsplit(done["Location"]).path == "/logout"
    assert "Deleted your account." in notices(visitor.get("/accounts/logged-out/"))
    assert person not in provider.pool.people
    assert not visitor.is_signed_in()
    assert not other.is_signed_in()
    assert [user.sub for user in User.objects.all()] == [grace.sub]
    assert list(Note.objects.all()) == [kept]  # only with notes
    assert BrowserSession.objects.count() == 1
    assert Revocation.objects.get().sub == person.sub
    event = AuditEvent.objects.get(action="account_deletion")
    assert (event.outcome, event.actor_sub, event.actor_label) == (
        "success",
        person.sub,
        "ada@example.com",
    )


@pytest.mark.parametrize("typed", ["", "ada@example.co", "delete", "x" * 321])
def test_other_text_deletes_nothing(
    visitor: Browser, person: Person, provider: Provider, typed: str
) -> None:
    again = visitor.post(DELETE, {"typed": typed})
    assert again.status_code == 400
    assert list(errors(again)) == ["typed"]
    assert values(again)["typed"] == typed
    assert provider.hits("DeleteUser") == 0


def test_deletion_needs_a_recent_sign_in(
    visitor: Browser, person: Person, provider: Provider, clock: Clock
) -> None:
    clock.advance(301)
    assert visitor.get(DELETE)["Location"].startswith("/accounts/confirm/")
    assert visitor.post(DELETE, TYPED)["Location"].startswith("/accounts/confirm/")
    assert provider.hits("DeleteUser") == 0


@pytest.mark.parametrize("fault", ["status:500", "InternalErrorException", "reset"])
def test_nothing_is_deleted_here_if_the_pool_may_keep_the_account(
    visitor: Browser, person: Person, provider: Provider, fault: str
) -> None:
    provider.behave(delete_user=fault)
    again = visitor.post(DELETE, TYPED)
    assert again.status_code == 503
    assert "The change may have been made." in form_error(again)
    assert User.objects.exists()
    assert visitor.is_signed_in()
    provider.behave()
    assert visitor.post(DELETE, TYPED).status_code == 302


def test_second_deletion_completes_a_partial_one(
    visitor: Browser, person: Person, provider: Provider
) -> None:
    """Cognito deleted the user, and this site could not record it."""
    provider.pool.people.remove(person)
    provider.pool.end_all_sign_ins(person.sub)
    assert urlsplit(visitor.post(DELETE, TYPED)["Location"]).path == "/logout"
    assert not User.objects.exists()
    assert events(actions=["account_deletion"]) == [("account_deletion", "success", "")]


def test_sign_in_that_ended_deletes_nothing(visitor: Browser, person: Person) -> None:
    person.is_enabled = False
    assert visitor.post(DELETE, TYPED)["Location"] == "/accounts/login/"
    assert User.objects.get().sub == person.sub
    assert events(actions=["account_deletion"]) == []


def test_deletion_needs_a_session_and_a_csrf_token(
    new_browser: NewBrowser, person: Person, provider: Provider
) -> None:
    assert new_browser().post(DELETE, TYPED)["Location"] == "/accounts/login/"
    attacked = new_browser(enforce_csrf_checks=True).signed_in(person)
    assert attacked.post(DELETE, TYPED).status_code == 403
    assert provider.hits("DeleteUser") == 0


@pytest.fixture
def superusers(settings: Settings, visitor: Browser, person: Person) -> None:
    """Make the user a superuser in the pool after the sign-in, so that no token says so."""
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({ROOT})
    person.groups = [ROOT]


@pytest.mark.usefixtures("superusers")
def test_last_superuser_cannot_delete_the_account(
    visitor: Browser, person: Person, provider: Provider
) -> None:
    refused = visitor.post(DELETE, TYPED)
    assert refused.status_code == 403
    assert "This is the last superuser who can sign in." in text_of(refused)
    assert provider.hits("DeleteUser") == 0
    assert visitor.is_signed_in()
    assert events(actions=["account_deletion"]) == [
        ("account_deletion", "failure", "last_superuser")
    ]

    provider.pool.people.append(Person(email="grace@example.com", groups=[ROOT]))
    assert visitor.post(DELETE, TYPED).status_code == 302
    assert person not in provider.pool.people


@pytest.mark.usefixtures("superusers")
def test_no_account_is_deleted_while_the_groups_are_unknown(
    visitor: Browser, person: Person, provider: Provider
) -> None:
    provider.behave(groups_of="status:500")
    assert visitor.post(DELETE, TYPED).status_code == 503
    assert provider.hits("DeleteUser") == 0


def test_other_users_delete_their_accounts_where_superusers_exist(
    visitor: Browser, settings: Settings, person: Person, provider: Provider
) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({ROOT})
    assert visitor.post(DELETE, TYPED).status_code == 302
    assert provider.hits("ListUsersInGroup") == 0
