"""What each sign-out of browser sessions deletes, revokes and asks Cognito for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import encryption
from accounts.models import BrowserSession, Revocation, User
from accounts.sign_out import sign_out
from tests.accounts.leaving import NOT_ALL_ENDED, NOT_REVOKED, NOT_SIGNED_OUT, logged_failures
from tests.support.database_steps import recorded_steps
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

A_DAY = timedelta(hours=24, minutes=30)
LONG = timedelta(days=30) + A_DAY
OUTAGE = "InternalErrorException"

NewSession = Callable[..., BrowserSession]


@pytest.fixture
def ada(settings: Settings) -> User:
    return User.objects.create(issuer=settings.COGNITO_ISSUER, sub="ada")


@pytest.fixture
def new_session(ada: User) -> NewSession:
    """Create a session, of Ada unless another user is given, with a refresh token of its name."""

    def create(name: str, user: User = ada, **changes: Any) -> BrowserSession:
        now = timezone.now()
        members: dict[str, Any] = {
            "refresh_token": encryption.encrypt(f"refresh token of {name}"),
            "origin_jti": f"sign-in of {name}",
            "device_key": "eu-west-1_11111111-2222-4333-8444-555555555555",
            "address": None,
        }
        times = {"signed_in_at": now, "last_seen_at": now, "renewed_at": now}
        return BrowserSession.objects.create(user=user, **times, **members | changes)

    return create


def revoked_tokens(stub: PoolStub) -> list[str]:
    return [one["Token"] for one in stub.calls("RevokeToken")]


def lasts(row: Revocation) -> timedelta:
    return row.expires_at - row.signed_in_until


def test_sign_out_everywhere_reads_the_row_of_this_user(ada: User) -> None:
    """On PostgreSQL it locks the row, which makes it wait for a sign-in of the user."""
    with CaptureQueriesContext(connection) as queries:
        sign_out.sign_out_by_operator(issuer=ada.issuer, sub=ada.sub, is_signed_out_at_cognito=True)
    (of_user,) = (one["sql"] for one in queries if 'FROM "accounts_user"' in one["sql"])
    assert repr(ada.issuer) in of_user
    assert repr(ada.sub) in of_user


@pytest.mark.parametrize(("fault", "expected"), [("", A_DAY), (OUTAGE, LONG)])
def test_sign_out_of_a_device_revokes_its_sign_in(
    stub: PoolStub,
    new_session: NewSession,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    expected: timedelta,
) -> None:
    if fault:
        stub.refuse("RevokeToken", fault)
    one = new_session("laptop")
    sign_out.sign_out_device(one)
    assert revoked_tokens(stub) == ["refresh token of laptop"]
    row = Revocation.objects.get()
    assert (row.issuer, row.origin_jti, row.sub) == (one.user.issuer, one.origin_jti, "ada")
    assert lasts(row) == expected
    lines = [(line, outage) for line, _, outage in logged_failures(caplog)]
    assert lines == ([(NOT_REVOKED, "Cognito")] if fault else [])


def test_sign_out_of_a_device_without_tokens_asks_for_nothing(
    stub: PoolStub, new_session: NewSession
) -> None:
    sign_out.sign_out_device(new_session("laptop", refresh_token=""))
    assert stub.operations == []
    assert lasts(Revocation.objects.get()) == A_DAY, "there is nothing that could be refreshed"
    sign_out.sign_out_device(new_session("phone", refresh_token="", origin_jti=""))
    assert Revocation.objects.count() == 1


ALL_CALLS = ["GetTokensFromRefreshToken", "ListUserSessions", "GlobalSignOut"]


@pytest.mark.parametrize(
    ("refused", "asked", "expected"),
    [
        ("", ALL_CALLS, A_DAY),
        ("ListUserSessions", ALL_CALLS, A_DAY),
        ("GlobalSignOut", ALL_CALLS, LONG),
        ("GetTokensFromRefreshToken", ALL_CALLS[:1], LONG),
    ],
)
def test_sign_out_everywhere_uses_the_token_of_the_session(
    *,
    stub: PoolStub,
    ada: User,
    new_session: NewSession,
    caplog: pytest.LogCaptureFixture,
    refused: str,
    asked: list[str],
    expected: timedelta,
) -> None:
    if refused:
        stub.refuse(refused, OUTAGE)
    here, _ = new_session("laptop"), new_session("phone")
    others = [(ada.issuer, "bob"), ("https://other.example", "ada")]
    kept = {new_session("x", User.objects.create(issuer=i, sub=sub)) for i, sub in others}
    with recorded_steps() as steps:
        sign_out.sign_out_everywhere(ada, from_session=here.pk)
    tables = (" accounts_browsersession", " accounts_user")
    # The sessions are read after renewals and sign-ins in progress have ended.
    assert [step for step in steps if step.endswith(tables)] == [
        "lock accounts_browsersession",
        "lock accounts_user",
        "select accounts_browsersession",
        "delete accounts_browsersession",
    ]
    assert stub.operations == asked
    (refresh,) = stub.calls("GetTokensFromRefreshToken")
    assert refresh["RefreshToken"] == "refresh token of laptop"
    assert refresh["DeviceKey"] == here.device_key
    tokens = {one.parameters.get("AccessToken") for one in stub.received[1:]}
    assert len(tokens - {None}) == (1 if len(asked) > 1 else 0)
    assert set(BrowserSession.objects.all()) == kept
    row = Revocation.objects.get()
    assert (row.issuer, row.origin_jti, row.sub) == (ada.issuer, "", "ada")
    assert lasts(row) == expected
    expected_lines = {"": [], "ListUserSessions": [NOT_ALL_ENDED]}.get(refused, [NOT_SIGNED_OUT])
    assert [one for one, *_ in logged_failures(caplog)] == expected_lines


@pytest.mark.parametrize("from_session", [None, "another"])
def test_sign_out_everywhere_without_a_token_is_unconfirmed(
    stub: PoolStub, ada: User, new_session: NewSession, from_session: str | None
) -> None:
    one = new_session("laptop", refresh_token="" if from_session is None else "x")
    sign_out.sign_out_everywhere(ada, from_session=from_session or one.pk)
    assert stub.operations == []
    assert not BrowserSession.objects.exists()
    assert lasts(Revocation.objects.get()) == LONG


def test_sign_out_of_the_others_keeps_this_session(
    stub: PoolStub, ada: User, new_session: NewSession
) -> None:
    here = new_session("laptop")
    _ = new_session("phone"), new_session("tablet", refresh_token=""), new_session("desktop")
    bob = new_session("x", User.objects.create(issuer=ada.issuer, sub="bob"))
    assert sign_out.sign_out_others(ada, this_session=here.pk) == 3
    assert sorted(revoked_tokens(stub)) == ["refresh token of desktop", "refresh token of phone"]
    assert set(BrowserSession.objects.all()) == {here, bob}
    row = Revocation.objects.get()
    assert (row.issuer, row.origin_jti, row.sub) == (ada.issuer, "", "ada")
    assert lasts(row) == LONG


def test_sign_out_of_the_others_asks_once_while_cognito_is_unavailable(
    stub: PoolStub, ada: User, new_session: NewSession
) -> None:
    stub.refuse("RevokeToken", OUTAGE)
    here, *_ = (new_session(name) for name in ("laptop", "phone", "tablet"))
    assert sign_out.sign_out_others(ada, this_session=here.pk) == 2
    assert len(revoked_tokens(stub)) == 1
    assert BrowserSession.objects.get() == here
