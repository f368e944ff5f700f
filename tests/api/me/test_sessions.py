from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent, BrowserSession, Revocation, User
from cognito.testing import TokenFactory
from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller
from tests.support.tokens import SUB

pytestmark = [pytest.mark.usefixtures("known_keys"), pytest.mark.django_db]

SESSIONS = "/api/v1/me/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(
    settings: Settings, *, sub: str = SUB, issuer: str = "", **changed: Any
) -> BrowserSession:
    """Create a session of the user with this `sub`, signed in an hour ago and used just now."""
    user, _ = User.objects.get_or_create(issuer=issuer or settings.COGNITO_ISSUER, sub=sub)
    now = timezone.now()
    about = {
        "user_agent": FIREFOX,
        "address": "192.0.2.7",
        "signed_in_at": now - timedelta(hours=1),
        "last_seen_at": now,
        "renewed_at": now,
    }
    return BrowserSession.objects.create(user=user, **about | changed)


def test_sessions_of_the_caller_are_listed_with_the_most_recent_first(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    now = timezone.now()
    earlier = signed_in(settings, last_seen_at=now - timedelta(minutes=5), address=None)
    latest = signed_in(settings, signed_in_at=datetime(2026, 11, 21, 6, tzinfo=UTC))
    settings.SESSION_ABSOLUTE_SECONDS = 10**9
    signed_in(settings, sub="another-user")

    response = call(tokens.access(), SESSIONS)

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    listed = body_of(response)["sessions"]
    assert [one["id"] for one in listed] == [str(latest.pk), str(earlier.pk)]
    assert listed[0] == {
        "id": str(latest.pk),
        "browser": "Firefox on Linux",
        "address": "192.0.2.7",
        "signed_in_at": "2026-11-21T06:00:00Z",
        "last_seen_at": latest.last_seen_at.isoformat().replace("+00:00", "Z"),
    }
    assert listed[1]["address"] is None


def test_expired_sessions_are_not_listed(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    signed_in(settings, signed_in_at=long_ago)
    signed_in(settings, last_seen_at=long_ago, signed_in_at=long_ago)

    assert body_of(call(tokens.access(), SESSIONS)) == {"sessions": []}


def test_user_who_never_signed_in_with_a_browser_has_no_sessions(
    call: Caller, tokens: TokenFactory
) -> None:
    assert body_of(call(tokens.access(), SESSIONS)) == {"sessions": []}
    assert_problem(
        call(tokens.access(), f"{SESSIONS}/{uuid.uuid4()}", method="DELETE"), 404, "not_found"
    )


def test_deleting_a_session_signs_the_browser_out_and_revokes_its_bearer_tokens(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    ended = signed_in(settings, origin_jti="of-the-browser")
    kept = signed_in(settings)

    response = call(tokens.access(), f"{SESSIONS}/{ended.pk}", method="DELETE")

    assert (response.status_code, response.content) == (204, b"")
    assert list(BrowserSession.objects.all()) == [kept]
    assert Revocation.objects.get().origin_jti == "of-the-browser"
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.actor_sub) == ("sign_out_device", "success", SUB)
    again = call(tokens.access(), f"{SESSIONS}/{ended.pk}", method="DELETE")
    assert_problem(again, 404, "not_found")


def test_sessions_of_other_users_get_the_same_answer_as_unknown_ones(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    signed_in(settings)
    theirs = signed_in(settings, sub="another-user")
    in_another_pool = signed_in(settings, issuer="https://other.example")

    problems = []
    for pk in (uuid.uuid4(), theirs.pk, in_another_pool.pk):
        response = call(tokens.access(), f"{SESSIONS}/{pk}", method="DELETE")
        problems.append(assert_problem(response, 404, "not_found") | {"request_id": ""})

    assert problems[0] == problems[1] == problems[2]
    assert BrowserSession.objects.count() == 3
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("pk", ["1", "x", "00000000-0000-0000-0000-00000000000g", "%00", "..%2f"])
def test_malformed_id_is_not_found(call: Caller, tokens: TokenFactory, pk: str) -> None:
    assert_problem(call(tokens.access(), f"{SESSIONS}/{pk}", method="DELETE"), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (SESSIONS, "POST"),
        (SESSIONS, "DELETE"),
        (f"{SESSIONS}/0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10", "GET"),
        (f"{SESSIONS}/0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10", "PATCH"),
    ],
)
def test_other_methods_are_not_allowed(
    call: Caller, tokens: TokenFactory, path: str, method: str
) -> None:
    response = call(tokens.access(), path, method=method)

    assert_problem(response, 405, "method_not_allowed")


def test_method_override_is_ignored(call: Caller, tokens: TokenFactory, settings: Settings) -> None:
    mine = signed_in(settings)

    response = call(
        tokens.access(),
        f"{SESSIONS}/{mine.pk}",
        method="POST",
        HTTP_X_HTTP_METHOD_OVERRIDE="DELETE",
    )

    assert_problem(response, 405, "method_not_allowed")
    assert BrowserSession.objects.exists()
