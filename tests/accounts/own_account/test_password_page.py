"""Users change their password on a page, or set the first one."""

from __future__ import annotations

import logging

import pytest
from pytest_django import Settings

from accounts.models import AuditEvent, BrowserSession
from project.logs.configuration import JsonFormatter
from tests.accounts.own_account.account import (
    PASSWORD,
    SECURITY,
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
from tests.support.provider.people import Passkey, Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

OLD, NEW = "an old phrase of words", "a newer phrase of words"
FORM = {"old_password": OLD, "new_password": NEW, "repeated_password": NEW}


def test_password_is_changed_and_other_devices_are_signed_out(
    visitor: Browser, new_browser: NewBrowser, person: Person
) -> None:
    other = new_browser().signed_in(person)
    page = visitor.get(PASSWORD)
    assert "at least 12 characters" in text_of(page)
    assert 'name="ends_others" id="id_ends_others" checked' in text_of(page)

    done = visitor.post(PASSWORD, {**FORM, "ends_others": "on"})
    assert (done.status_code, done["Location"]) == (302, SECURITY)
    assert person.password == NEW
    assert notices(visitor.get(SECURITY)) == [
        "Changed your password, and signed out your other devices."
    ]
    assert not other.is_signed_in()
    assert BrowserSession.objects.count() == 1
    assert events() == [("password_change", "success", ""), ("sign_out_others", "success", "")]


def test_other_devices_stay_signed_in_if_the_user_wants(
    visitor: Browser, new_browser: NewBrowser, person: Person
) -> None:
    other = new_browser().signed_in(person)
    assert visitor.post(PASSWORD, FORM).status_code == 302
    assert notices(visitor.get(SECURITY)) == ["Changed your password."]
    assert other.is_signed_in()


def test_wrong_password_is_refused_at_its_field(visitor: Browser, person: Person) -> None:
    again = visitor.post(PASSWORD, {**FORM, "old_password": "a wrong phrase"})
    assert again.status_code == 400
    assert errors(again) == {"old_password": "This is not your password."}
    assert (values(again)["old_password"], values(again)["new_password"]) == ("", "")
    assert person.password == OLD
    assert events() == [("password_change", "failure", "wrong_password")]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"old_password": ""}, {"old_password": "This field is required."}),
        (
            {"new_password": "short", "repeated_password": "short"},
            {"new_password": "Use at least 12 characters."},
        ),
        (
            {"new_password": "password1234", "repeated_password": "password1234"},
            {
                "new_password": "This password is too common. Choose another one, such as a phrase "
                "of several words."
            },
        ),
        (
            {"repeated_password": "another phrase"},
            {"repeated_password": "The new passwords differ. Enter it again."},
        ),
        (
            {"new_password": "x" * 257, "repeated_password": "x" * 257},
            {
                "new_password": "Use at most 256 characters.",
                "repeated_password": "Use at most 256 characters.",
            },
        ),
    ],
    ids=["no old one", "short", "common", "different", "long"],
)
def test_invalid_passwords_are_refused_without_a_change(
    *,
    visitor: Browser,
    person: Person,
    provider: Provider,
    changed: dict[str, str],
    expected: dict[str, str],
) -> None:
    again = visitor.post(PASSWORD, FORM | changed)
    assert again.status_code == 400
    assert errors(again) == expected
    assert provider.hits("ChangePassword") == 0
    for password in {**FORM, **changed}.values():
        assert not password or password not in text_of(again)
    assert person.password == OLD


def test_spaces_are_part_of_a_password(visitor: Browser, person: Person) -> None:
    spaced = "  a phrase with spaces  "
    visitor.post(PASSWORD, {**FORM, "new_password": spaced, "repeated_password": spaced})
    assert person.password == spaced


def test_password_that_the_pool_refuses_is_no_guess(visitor: Browser, provider: Provider) -> None:
    provider.behave(change_password="InvalidPasswordException")
    for _ in range(6):
        again = visitor.post(PASSWORD, FORM)
        assert errors(again) == {"new_password": "This does not meet the rules for passwords here."}


@pytest.mark.slow
def test_five_wrong_passwords_are_allowed(
    visitor: Browser, person: Person, provider: Provider
) -> None:
    for _ in range(5):
        assert visitor.post(PASSWORD, {**FORM, "old_password": "wrong"}).status_code == 400
    refused = visitor.post(PASSWORD, FORM)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 900
    assert "too many attempts" in form_error(refused)
    assert (person.password, provider.hits("ChangePassword")) == (OLD, 5)


def test_user_without_a_password_sets_one(visitor: Browser, person: Person) -> None:
    person.first_factors, person.passkeys = [], [Passkey("one")]
    page = visitor.get(PASSWORD)
    assert "Set a password" in text_of(page)
    assert 'name="old_password"' not in text_of(page)
    done = visitor.post(PASSWORD, {"new_password": NEW, "repeated_password": NEW})
    assert done.status_code == 302
    assert (person.password, person.first_factors) == (NEW, ["PASSWORD"])


def test_old_password_cannot_be_left_out(visitor: Browser, person: Person) -> None:
    again = visitor.post(PASSWORD, {"new_password": NEW, "repeated_password": NEW})
    assert errors(again) == {"old_password": "This field is required."}
    assert person.password == OLD


def test_recent_sign_in_is_needed_and_no_password_is_kept(
    visitor: Browser, person: Person, clock: Clock, settings: Settings
) -> None:
    settings.COGNITO_RENEW_SECONDS = 3600
    clock.advance(301)
    answer = visitor.post(PASSWORD, {**FORM, "ends_others": "on"})
    assert answer["Location"].startswith("/accounts/confirm/")
    assert OLD not in repr(dict(visitor.session))
    assert NEW not in repr(dict(visitor.session))
    back = visitor.come_back(visitor.visit_hosted_ui(visitor.get(answer["Location"])["Location"]))
    page = visitor.get(back["Location"])
    assert OLD not in text_of(page)
    assert values(page)["new_password"] == ""
    assert person.password == OLD


@pytest.mark.parametrize("channel", ["refresh", "auth_factors", "change_password"])
def test_outage_is_reported(visitor: Browser, provider: Provider, channel: str) -> None:
    provider.behave(**{channel: "status:500"})
    answer = visitor.post(PASSWORD, FORM)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert events() == []


def test_passwords_are_neither_logged_nor_recorded(
    visitor: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitor.post(PASSWORD, {**FORM, "old_password": "a wrong phrase"})
    visitor.post(PASSWORD, FORM)
    logged = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    for password in (OLD, NEW, "a wrong phrase"):
        assert password not in logged
        assert password not in str(list(AuditEvent.objects.values()))


def test_form_needs_a_session_and_a_csrf_token(
    new_browser: NewBrowser, person: Person, provider: Provider
) -> None:
    assert new_browser().post(PASSWORD, FORM)["Location"] == "/accounts/login/"
    attacked = new_browser(enforce_csrf_checks=True).signed_in(person)
    assert attacked.post(PASSWORD, FORM).status_code == 403
    assert provider.hits("ChangePassword") == 0
