"""Writing revocations: the number of rows, and their effect on every process."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Revocation
from accounts.process.revocation_list import RevocationList
from accounts.sign_out import revocations
from cognito.testing import TokenFactory
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier
from tests.support.clock import ManualClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def claims(token_factory: TokenFactory, token_verifier: TokenVerifier) -> Claims:
    """The claims of an access token whose sign-in was a minute ago."""
    before = int(timezone.now().timestamp()) - 60
    token = token_factory.access(auth_time=before, iat=before)
    return token_verifier.verify(token, token_uses=frozenset({"access"}))


def moments(minutes: int = 0) -> dict[str, Any]:
    until = timezone.now() + timedelta(minutes=minutes)
    return {"until": until, "expires_at": until + timedelta(days=1)}


def test_user_has_one_row_after_many_sign_outs_everywhere(claims: Claims) -> None:
    keys = [
        revocations.revoke_user(issuer=claims.issuer, sub=claims.sub, **moments())
        for _ in range(100)
    ]
    row = Revocation.objects.get()
    assert row.pk == keys[-1]
    assert keys == sorted(set(keys)), "the other processes read each row as a new one"


def test_later_revocation_reaches_a_process_that_knows_an_earlier_one(claims: Claims) -> None:
    user: dict[str, Any] = {"issuer": claims.issuer, "sub": claims.sub}
    revocations.revoke_user(**user, **moments(-30))
    stopwatch = ManualClock(1_000)
    kept = RevocationList(monotonic=stopwatch)
    for _ in range(30):
        assert not kept.is_revoked(claims)
        stopwatch.now += 5
    revocations.revoke_user(**user, **moments())
    assert kept.is_revoked(claims)


def test_clock_set_back_does_not_shorten_a_revocation(claims: Claims) -> None:
    user: dict[str, Any] = {"issuer": claims.issuer, "sub": claims.sub}
    later = moments(30)
    revocations.revoke_user(**user, **later)
    revocations.revoke_user(**user, **moments())
    row = Revocation.objects.get()
    assert {"until": row.signed_in_until, "expires_at": row.expires_at} == later


def test_sign_in_has_one_row_after_many_revocations(claims: Claims) -> None:
    for _ in range(3):
        revocations.revoke_sign_in(
            issuer=claims.issuer, origin_jti="one", sub=claims.sub, **moments()
        )
    assert Revocation.objects.get().origin_jti == "one"


def test_user_who_revokes_many_sign_ins_is_signed_out_everywhere(claims: Claims) -> None:
    for number in range(101):
        revocations.revoke_sign_in(
            issuer=claims.issuer, origin_jti=f"one {number}", sub=claims.sub, **moments()
        )
        assert not (number < 5 and RevocationList().is_revoked(claims))
    row = Revocation.objects.get()
    assert (row.origin_jti, row.sub) == ("", claims.sub)
    assert RevocationList().is_revoked(claims)


def test_sign_ins_of_other_users_and_pools_are_neither_counted_nor_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(revocations, "MAX_SIGN_INS", 1)
    user: dict[str, Any] = {"issuer": "https://pool.example", "sub": "user"}
    others = [user | {"sub": "another"}, user | {"issuer": "https://other.example"}]
    for number, one in enumerate([*others, user]):
        revocations.revoke_sign_in(**one, origin_jti=f"one {number}", **moments())
    assert Revocation.objects.exclude(origin_jti="").count() == 3
    revocations.revoke_sign_in(**user, origin_jti="second", **moments())
    assert list(Revocation.objects.filter(**user).values_list("origin_jti", flat=True)) == [""]
    assert Revocation.objects.count() == 3


def test_user_and_sign_in_have_separate_rows(claims: Claims) -> None:
    user: dict[str, Any] = {"issuer": claims.issuer, "sub": claims.sub}
    revocations.revoke_user(**user, **moments())
    revocations.revoke_sign_in(**user, origin_jti="one", **moments())
    revocations.revoke_user(**user, **moments())
    assert Revocation.objects.count() == 2
