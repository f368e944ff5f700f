"""Sign-outs with a bearer token, and of earlier sign-ins after a new password."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrowserSession, Revocation, User
from accounts.sign_out import revocations, sign_out
from cognito import deadlines
from cognito.directory.records import DirectoryUser
from cognito.testing import WITHOUT, TokenFactory
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier
from tests.accounts.leaving import NOT_REVOKED, NOT_SIGNED_OUT, logged_failures
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

A_DAY = timedelta(hours=24, minutes=30)
LONG = timedelta(days=30) + A_DAY


def claims_with(factory: TokenFactory, verifier: TokenVerifier, **changes: Any) -> Claims:
    return verifier.verify(factory.access(**changes), token_uses=frozenset({"access"}))


@pytest.fixture
def claims(token_factory: TokenFactory, token_verifier: TokenVerifier) -> Claims:
    return claims_with(token_factory, token_verifier)


def lasts(row: Revocation) -> timedelta:
    return row.expires_at - row.signed_in_until


def session_of(user: User) -> BrowserSession:
    now = timezone.now()
    times = {"signed_in_at": now, "last_seen_at": now, "renewed_at": now}
    return BrowserSession.objects.create(user=user, address=None, **times)


def test_sign_out_of_a_bearer_revokes_its_sign_in(stub: PoolStub, claims: Claims) -> None:
    before = timezone.now()
    sign_out.sign_out_bearer(claims, refresh_token="the-refresh-token")
    (asked,) = stub.calls("RevokeToken")
    assert asked["Token"] == "the-refresh-token"
    row = Revocation.objects.get()
    assert (row.issuer, row.origin_jti, row.sub) == (claims.issuer, claims.origin_jti, claims.sub)
    assert before <= row.signed_in_until <= timezone.now()
    assert lasts(row) == A_DAY


def test_sign_out_of_a_bearer_lasts_longer_if_cognito_is_unavailable(
    stub: PoolStub, claims: Claims, caplog: pytest.LogCaptureFixture
) -> None:
    stub.refuse("RevokeToken", "InternalErrorException")
    sign_out.sign_out_bearer(claims, refresh_token="the-refresh-token")
    assert lasts(Revocation.objects.get()) == LONG
    ((line, reason, outage),) = logged_failures(caplog)
    assert (line, outage) == (NOT_REVOKED, "Cognito")
    assert reason not in {"", "cognito_unavailable"}


def test_sign_out_that_cognito_confirms_shortens_no_other_one(
    stub: PoolStub,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The row for all sign-ins replaces one whose refresh token may still be valid."""
    monkeypatch.setattr(revocations, "MAX_SIGN_INS", 1)
    not_revoked, revoked = (
        claims_with(token_factory, token_verifier, origin_jti=name) for name in ("first", "second")
    )
    stub.refuse("RevokeToken", "InternalErrorException")
    sign_out.sign_out_bearer(not_revoked, refresh_token="the-first-refresh-token")
    stub.answer("RevokeToken", {})
    sign_out.sign_out_bearer(revoked, refresh_token="the-second-refresh-token")
    row = Revocation.objects.get()
    assert (row.origin_jti, row.sub) == ("", revoked.sub)
    assert lasts(row) == LONG


def test_token_without_origin_jti_is_revoked_at_cognito_alone(
    stub: PoolStub, token_factory: TokenFactory, token_verifier: TokenVerifier
) -> None:
    claims = claims_with(token_factory, token_verifier, origin_jti=WITHOUT)
    sign_out.sign_out_bearer(claims, refresh_token="the-refresh-token")
    assert stub.operations == ["RevokeToken"]
    assert not Revocation.objects.exists()


@pytest.mark.parametrize(
    ("access_token", "fault", "expected"),
    [
        ("the-access-token", "", A_DAY),
        ("the-access-token", "InternalErrorException", LONG),
        (None, "", LONG),
    ],
    ids=["confirmed", "refused", "no_scope"],
)
def test_sign_out_of_a_bearer_everywhere_ends_the_users_sessions(
    *,
    stub: PoolStub,
    claims: Claims,
    caplog: pytest.LogCaptureFixture,
    access_token: str | None,
    fault: str,
    expected: timedelta,
) -> None:
    user = User.objects.create(issuer=claims.issuer, sub=claims.sub)
    session_of(user)
    kept = {
        session_of(User.objects.create(issuer=issuer, sub=sub))
        for issuer, sub in [(claims.issuer, "other"), ("https://other.example", claims.sub)]
    }
    if fault:
        stub.refuse("GlobalSignOut", fault)
    sign_out.sign_out_bearer_everywhere(claims, access_token=access_token)
    assert [one["AccessToken"] for one in stub.calls("GlobalSignOut")] == (
        [access_token] if access_token else []
    )
    assert set(BrowserSession.objects.all()) == kept
    row = Revocation.objects.get()
    assert (row.issuer, row.origin_jti, row.sub) == (claims.issuer, "", claims.sub)
    assert lasts(row) == expected
    lines = [(line, outage) for line, _, outage in logged_failures(caplog)]
    assert lines == ([(NOT_SIGNED_OUT, "Cognito")] if fault else [])


@pytest.mark.parametrize(("ahead", "expected"), [(-100, 0), (30, 30), (3_600, 60)])
def test_sign_out_everywhere_includes_the_sign_in_of_a_clock_that_is_slightly_ahead(
    *,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    monkeypatch: pytest.MonkeyPatch,
    ahead: int,
    expected: int,
) -> None:
    now = timezone.now().replace(microsecond=0)
    auth_time = int(now.timestamp()) + ahead
    claims = claims_with(token_factory, token_verifier, auth_time=auth_time)
    monkeypatch.setattr(timezone, "now", lambda: now)
    sign_out.sign_out_bearer_everywhere(claims, access_token=None)
    row = Revocation.objects.get()
    assert row.signed_in_until == now + timedelta(seconds=expected)
    assert lasts(row) == LONG


@pytest.mark.parametrize("fault", ["", "InternalErrorException"])
def test_earlier_sign_ins_end_before_the_next_second(
    stub: PoolStub,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    user = DirectoryUser("ada", "sub-of-ada", "CONFIRMED", True, None, None, {})
    slept: list[float] = []
    clock = SimpleNamespace(time=lambda: 1_800_000_000.25, sleep=slept.append)
    monkeypatch.setattr(sign_out, "time", clock)
    if fault:
        stub.refuse("AdminUserGlobalSignOut", fault)
    sign_out.end_earlier_sign_ins(user)
    with deadlines.running(deadlines.Budget(calls=2, database=0.5)):
        sign_out.end_earlier_sign_ins(user)
    assert [one["Username"] for one in stub.calls("AdminUserGlobalSignOut")] == ["ada"] * 2
    assert [one["Username"] for one in stub.calls("AdminListUserSessions")] == ["ada"] * 2
    row = Revocation.objects.get()
    assert (row.issuer, row.origin_jti, row.sub) == (settings.COGNITO_ISSUER, "", user.sub)
    assert lasts(row) == (LONG if fault else A_DAY)
    first, second = slept
    assert first == 0.75
    assert 0 < second <= 0.5
    lines = [(line, outage) for line, _, outage in logged_failures(caplog)]
    assert lines == ([(NOT_SIGNED_OUT, "Cognito")] * 2 if fault else [])
