"""The rows of browser sessions: what they store, and when they have ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import encryption
from accounts.models import BrowserSession, User
from accounts.sessions import browser_sessions
from accounts.sessions.store import SessionStore
from cognito.hosted_ui.verified_sign_in import VerifiedSignIn
from cognito.testing import WITHOUT, TokenFactory
from cognito.tokens.verifier import TokenVerifier
from tests.support.provider.pool import DEVICE_KEY

pytestmark = pytest.mark.django_db


def begun(
    factory: TokenFactory,
    verifier: TokenVerifier,
    *,
    refresh_token: str | None,
    headers: dict[str, Any],
    **claims: Any,
) -> BrowserSession:
    """Return the row of a session that began with these claims of the access token."""
    verified = [
        verifier.verify(token, token_uses=frozenset({use}))
        for use, token in [
            ("id", factory.id_token({"cognito:groups": ["b", "a"]})),
            ("access", factory.access(claims)),
        ]
    ]
    user = User.objects.create(issuer=factory.issuer, sub=factory.sub)
    request = RequestFactory().get("/", **headers)
    request.session = SessionStore()
    sign_in = VerifiedSignIn(*verified)
    row = browser_sessions.begin(request, user, sign_in, refresh_token=refresh_token)
    assert request.session[browser_sessions.SESSION_ID_KEY] == str(row.pk)
    row.refresh_from_db()
    assert row.user == user
    return row


def test_new_session_stores_its_sign_in_and_its_device(
    token_factory: TokenFactory, token_verifier: TokenVerifier
) -> None:
    headers = {"REMOTE_ADDR": "203.0.113.7", "HTTP_USER_AGENT": "a\0" * 400}
    claims = {"device_key": DEVICE_KEY, "origin_jti": "of this sign-in"}
    row = begun(token_factory, token_verifier, refresh_token="a.b.c.d.e", headers=headers, **claims)
    assert encryption.decrypt(row.refresh_token) == "a.b.c.d.e"
    assert (row.origin_jti, row.device_key) == ("of this sign-in", DEVICE_KEY)
    assert (row.groups, row.address, row.user_agent) == (["a", "b"], "203.0.113.7", "a" * 200)
    assert row.signed_in_at == row.last_seen_at == row.renewed_at
    assert abs(timezone.now() - row.signed_in_at) < timedelta(seconds=30)


def test_new_session_without_optional_values_stores_empty_ones(
    token_factory: TokenFactory, token_verifier: TokenVerifier
) -> None:
    headers = {"REMOTE_ADDR": ""}
    row = begun(
        token_factory, token_verifier, refresh_token=None, headers=headers, origin_jti=WITHOUT
    )
    assert (row.refresh_token, row.origin_jti, row.device_key) == ("", "", "")
    assert (row.address, row.user_agent) == (None, "")


def test_stored_user_agent_has_at_most_400_characters(
    token_factory: TokenFactory, token_verifier: TokenVerifier
) -> None:
    """Invisible characters become longer, and PostgreSQL refuses a text that is too long."""
    headers = {"HTTP_USER_AGENT": "\x1b" * 400}
    row = begun(token_factory, token_verifier, refresh_token=None, headers=headers)
    assert row.user_agent == ("[U+001B]" * 400)[:400]


def session_of(user: User, *, seen: timedelta, signed_in: timedelta) -> BrowserSession:
    now = timezone.now()
    return BrowserSession.objects.create(
        user=user, signed_in_at=now - signed_in, last_seen_at=now - seen, renewed_at=now
    )


def test_live_sessions_are_those_of_the_user_and_the_last_used_is_first() -> None:
    minute, week = timedelta(minutes=1), timedelta(days=7)
    ada, *others = (
        User.objects.create(issuer=issuer, sub=sub)
        for issuer, sub in [("pool", "ada"), ("pool", "bob"), ("other", "ada")]
    )
    for user in others:
        session_of(user, seen=minute, signed_in=minute)
    second = session_of(ada, seen=2 * minute, signed_in=3 * minute)
    third = session_of(ada, seen=3 * minute, signed_in=3 * minute)
    first = session_of(ada, seen=minute, signed_in=5 * minute)
    session_of(ada, seen=minute / 2, signed_in=week + minute)
    session_of(ada, seen=timedelta(hours=8) + minute, signed_in=week - minute)

    def live(limit: int) -> list[BrowserSession]:
        return browser_sessions.live_sessions(issuer="pool", sub="ada", limit=limit)

    assert [one.pk for one in live(100)] == [first.pk, second.pk, third.pk]
    assert live(1) == [], "the limit applies to the rows that are read"
    assert [one.pk for one in live(2)] == [first.pk]


def test_limits_of_a_session_are_exact(settings: Settings) -> None:
    settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS = 60, 600
    now, moment = timezone.now(), timedelta(microseconds=1)
    for idle, age, is_over in [
        (timedelta(seconds=60), timedelta(seconds=600), False),
        (timedelta(seconds=60) + moment, timedelta(), True),
        (timedelta(), timedelta(seconds=600) + moment, True),
    ]:
        row = BrowserSession(last_seen_at=now - idle, signed_in_at=now - age)
        assert browser_sessions.is_over(row, now) is is_over


def test_last_visit_is_written_for_the_visited_session_only() -> None:
    user = User.objects.create(issuer="pool", sub="ada")
    minute = timedelta(minutes=1)
    row, other = (session_of(user, seen=minute, signed_in=minute) for _ in range(2))
    before = row.last_seen_at
    browser_sessions.mark_seen(row, before + minute)
    assert row.last_seen_at == BrowserSession.objects.get(pk=row.pk).last_seen_at == before
    later = before + minute + timedelta(microseconds=1)
    browser_sessions.mark_seen(row, later)
    assert row.last_seen_at == BrowserSession.objects.get(pk=row.pk).last_seen_at == later
    assert BrowserSession.objects.get(pk=other.pk).last_seen_at == other.last_seen_at


def test_session_is_read_locked_and_ended_with_its_user(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = User.objects.create(issuer="pool", sub="ada")
    row, other = (session_of(user, seen=timedelta(), signed_in=timedelta()) for _ in range(2))
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.session[browser_sessions.SESSION_ID_KEY] = str(row.pk)

    with django_assert_num_queries(1):
        found = browser_sessions.current(request)
        assert found is not None
        assert found == row
        assert found.user == user
    with CaptureQueriesContext(connection) as captured:
        browser_sessions.lock_current(request)
    assert row.pk.hex in captured[0]["sql"], "it locks this row, which SQLite cannot do"
    ended = browser_sessions.end(row.pk)
    assert ended is not None
    assert ended == row
    with django_assert_num_queries(0):
        assert ended.user == user
    assert browser_sessions.current(request) is None
    assert browser_sessions.end(row.pk) is None
    assert BrowserSession.objects.get() == other
