"""An audit event in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils.html import strip_tags

from accounts.console.audit import reasons, sentences
from accounts.console.audit.lines import line_of
from accounts.models import AuditEvent
from accounts.not_allowed import NotAllowed
from cognito.errors import CognitoError

Action = AuditEvent.Action


def line(**members: Any) -> Any:
    return line_of(AuditEvent(pk=1, **{"action": "sign_in", "outcome": "success", **members}))


def words(**members: Any) -> str:
    return strip_tags(line(**members).sentence)


ADA = {"subject_sub": "ada", "subject_label": "ada@example.com"}
OLIVIA = {"actor_sub": "olivia", "actor_label": "olivia@example.com"}
HERSELF = {"actor_sub": "ada", "actor_label": "ada@example.com", **ADA}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (HERSELF, "ada@example.com signed in"),
        (HERSELF | {"outcome": "failure"}, "ada@example.com could not sign in"),
        (ADA | {"outcome": "failure"}, "ada@example.com could not sign in"),
        ({"outcome": "failure"}, "A visitor could not sign in"),
        ({"subject_sub": "ada"}, "ada signed in"),
        (
            ADA | {"actor_sub": "x", "actor_label": "ada@example.com, through x"},
            "ada@example.com, through x signed in, for ada@example.com",
        ),
        (
            ADA | OLIVIA | {"action": "disable_user"},
            "olivia@example.com disabled ada@example.com",
        ),
        (
            OLIVIA | {"action": "invite_user", "outcome": "failure"},
            "olivia@example.com could not invite a user",
        ),
        (
            ADA | OLIVIA | {"action": "add_to_group", "detail": "editors"},
            "olivia@example.com added ada@example.com to the group editors",
        ),
        (
            OLIVIA | {"action": "create_group", "subject_label": "editors", "detail": "editors"},
            "olivia@example.com created the group editors",
        ),
        (
            ADA | OLIVIA | {"action": "sign_out_device"},
            "olivia@example.com signed out another device, for ada@example.com",
        ),
        (
            {"action": "delete_audit_events", "actor_label": "command line"},
            "command line deleted old audit events",
        ),
        (OLIVIA | {"action": "added_later"}, "olivia@example.com: added_later"),
    ],
)
def test_event_is_a_sentence(members: dict[str, str], expected: str) -> None:
    assert words(**members) == expected


def test_every_action_has_a_sentence_for_success_and_failure() -> None:
    assert set(sentences.SENTENCES) == set(Action)
    for action in Action:
        for outcome in ("success", "failure"):
            text = words(action=action, outcome=outcome, detail="readers", **ADA, **OLIVIA)
            assert "olivia@example.com" in text
            assert not re.search(r"[{}]", text)


def test_names_link_to_the_events_of_the_user() -> None:
    sentence = line(action="disable_user", **ADA, **OLIVIA).sentence
    assert 'auditevent/?actor_sub=olivia" title="olivia">olivia@example.com</a>' in sentence
    assert 'auditevent/?subject_sub=ada" title="ada">ada@example.com</a>' in sentence


def test_markup_in_names_and_details_is_escaped() -> None:
    evil = '"><script>{actor}{0}%s</script>'
    shown = line(
        action="add_to_group",
        subject_sub=evil,
        subject_label=evil,
        actor_sub=evil + "2",
        actor_label=evil,
        detail=evil,
    )
    assert "<script" not in shown.sentence
    assert shown.sentence.count("{actor}{0}%s") >= 3


@pytest.mark.parametrize(
    ("detail", "reason", "extra"),
    [
        ("wrong_password", "The password is wrong", ""),
        (
            "sign_in_refused: access_denied",
            "The user cancelled, or the hosted UI refused",
            "access_denied",
        ),
        ("admins: more_rights", "The user or group has rights that the operator lacks", "admins"),
        ("last_superuser", "This is the last superuser who can sign in", ""),
        (
            "group_in_use",
            "This application's configuration names this group, so it cannot be deleted",
            "",
        ),
        ("user_not_confirmed", "The user's address is not confirmed yet", ""),
        ("a new code", "", "a new code"),
        ("", "", ""),
    ],
)
def test_reason_of_a_failure_is_in_words(detail: str, reason: str, extra: str) -> None:
    shown = line(outcome="failure", detail=detail)
    assert (shown.reason, shown.extra) == (reason, extra)


def test_detail_of_a_success_is_not_taken_for_a_reason() -> None:
    shown = line(action="group_change", detail="throttled")
    assert (shown.reason, shown.extra) == ("", "throttled")


def _classes(base: type[Any]) -> set[type[Any]]:
    return {base}.union(*(_classes(one) for one in base.__subclasses__()))


def test_every_error_of_cognito_and_of_the_console_has_words() -> None:
    for error in _classes(CognitoError) | _classes(NotAllowed):
        # The base class of the rate limits has no words, and is never raised.
        if error.__module__.startswith(("cognito", "accounts")) and error.__name__ != "TooMuch":
            assert reasons.reason_of(error.code), error
            assert not reasons.reason_of(error.code).endswith("."), error


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("", ""),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0", "Firefox on Linux"),
        ("python-requests/2.32", "python-requests/2.32"),
        ("curl/8.9 extra", "curl/8.9"),
        ("Mozilla/5.0", "Unknown browser"),
        ("x" * 400, "x" * 40),
    ],
)
def test_browser_or_program_is_named(user_agent: str, name: str) -> None:
    assert line(user_agent=user_agent).browser == name
