"""The list of revocations that each process keeps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import revocations
from accounts.models import Revocation, User
from accounts.revocations import RevocationList, RevocationsUnavailable
from cognito.claims import Claims
from cognito.testing import WITHOUT, TokenFactory
from cognito.tokens import TokenVerifier

pytestmark = pytest.mark.django_db


class Stopwatch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    stopwatch = Stopwatch()
    monkeypatch.setattr(revocations, "time", SimpleNamespace(monotonic=stopwatch.monotonic))
    return stopwatch


@pytest.fixture
def claims(token_factory: TokenFactory, token_verifier: TokenVerifier) -> Claims:
    """Of an access token whose sign-in was a minute ago."""
    return claims_with(token_factory, token_verifier)


def claims_with(factory: TokenFactory, verifier: TokenVerifier, **changes: Any) -> Claims:
    before = int(timezone.now().timestamp()) - 60
    times = {"auth_time": before, "iat": before}
    return verifier.verify(factory.access(**times | changes), token_uses=frozenset({"access"}))


def revoke(claims: Claims, *, by: str, **changes: Any) -> Revocation:
    now = timezone.now()
    target = {
        "sign_in": {"origin_jti": claims.origin_jti or ""},
        "user": {"sub": claims.sub},
    }[by]
    times = {"signed_in_until": now, "expires_at": now + timedelta(days=1)}
    return Revocation.objects.create(issuer=claims.issuer, **target, **times | changes)


@contextmanager
def database_down() -> Iterator[None]:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is down")

    with connection.execute_wrapper(refuse):
        yield


def test_nothing_is_revoked_to_begin_with(claims: Claims) -> None:
    assert not RevocationList().is_revoked(claims)


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_a_revocation_counts(claims: Claims, by: str) -> None:
    revoke(claims, by=by)
    assert RevocationList().is_revoked(claims)


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_a_revocation_of_another_pool_does_not(claims: Claims, by: str) -> None:
    revoke(claims._replace(issuer="https://another.example"), by=by)
    assert not RevocationList().is_revoked(claims)


def test_another_sign_in_of_the_same_user_is_left_alone(
    claims: Claims, token_factory: TokenFactory, token_verifier: TokenVerifier
) -> None:
    revoke(claims, by="sign_in")
    other = claims_with(token_factory, token_verifier)
    assert other.sub == claims.sub
    assert not RevocationList().is_revoked(other)


def test_a_user_revocation_counts_for_the_sign_ins_before_it(
    claims: Claims, token_factory: TokenFactory, token_verifier: TokenVerifier
) -> None:
    revoke(claims, by="user", signed_in_until=timezone.now() - timedelta(seconds=30))
    after = claims_with(
        token_factory, token_verifier, auth_time=int(timezone.now().timestamp()) - 10
    )
    assert RevocationList().is_revoked(claims)
    assert not RevocationList().is_revoked(after)


@pytest.mark.parametrize("auth_time", [True, "now", None, 1.5, WITHOUT])
def test_the_time_of_issue_stands_in_for_that_of_the_sign_in(
    claims: Claims, token_factory: TokenFactory, token_verifier: TokenVerifier, auth_time: Any
) -> None:
    odd = claims_with(token_factory, token_verifier, auth_time=auth_time)
    row = revoke(claims, by="user", signed_in_until=timezone.now() - timedelta(seconds=90))
    assert not RevocationList().is_revoked(odd)
    row.signed_in_until = timezone.now()
    row.save()
    assert RevocationList().is_revoked(odd)


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_a_revocation_that_has_expired_does_not_count(claims: Claims, by: str) -> None:
    revoke(claims, by=by, expires_at=timezone.now() - timedelta(seconds=1))
    assert not RevocationList().is_revoked(claims)


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_a_revocation_that_expires_is_forgotten(
    claims: Claims, stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    revoke(claims, by=by)
    kept = RevocationList()
    assert kept.is_revoked(claims)
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    stopwatch.seconds += 6
    assert not kept.is_revoked(claims)


def test_a_user_who_is_switched_off_is_refused_until_switched_on(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    user = User.objects.create(issuer=claims.issuer, sub=claims.sub)
    kept = RevocationList()
    for is_active in (True, False, True):
        User.objects.filter(pk=user.pk).update(is_active=is_active)
        stopwatch.seconds += 6
        assert kept.is_revoked(claims) is not is_active


def test_news_is_asked_for_every_five_seconds(
    claims: Claims, stopwatch: Stopwatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kept = RevocationList()
    with django_assert_num_queries(2):
        assert not kept.is_revoked(claims)
    revoke(claims, by="sign_in")
    stopwatch.seconds += 4.9
    with django_assert_num_queries(0):
        assert not kept.is_revoked(claims)
    stopwatch.seconds += 0.1
    with django_assert_num_queries(2):
        assert kept.is_revoked(claims)
    assert revocations.PULL_SECONDS <= 5


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_later_news_adds_to_earlier_news(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: Stopwatch,
    by: str,
) -> None:
    second = claims_with(token_factory, token_verifier, sub="another")
    kept = RevocationList()
    # Long ago, so that it is not read again.
    row = revoke(claims, by=by)
    Revocation.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=5))
    assert kept.is_revoked(claims)
    revoke(second, by=by)
    stopwatch.seconds += 5
    assert kept.is_revoked(second)
    Revocation.objects.filter(pk=row.pk).delete()
    stopwatch.seconds += 5
    assert kept.is_revoked(claims), "it is in memory"


def test_a_row_that_committed_late_is_not_missed(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: Stopwatch,
) -> None:
    kept = RevocationList()
    revoke(claims, by="sign_in")
    assert kept.is_revoked(claims)
    other = claims_with(token_factory, token_verifier)
    row = revoke(other, by="sign_in")
    Revocation.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(seconds=50))
    stopwatch.seconds += 5
    assert kept.is_revoked(other)


def test_a_database_that_is_down_is_outlived_for_ten_seconds(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    kept = RevocationList()
    revoke(claims, by="sign_in")
    assert kept.is_revoked(claims)
    with database_down():
        stopwatch.seconds += 9.9
        assert kept.is_revoked(claims), "what is known counts"
        stopwatch.seconds += 1
        with pytest.raises(RevocationsUnavailable):
            kept.is_revoked(claims)
    stopwatch.seconds += 1
    assert kept.is_revoked(claims), "and it comes back by itself"


def test_a_database_that_is_down_is_not_asked_at_every_request(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    kept = RevocationList()
    assert not kept.is_revoked(claims)
    stopwatch.seconds += 5
    asked: list[str] = []

    def refuse(execute: Any, sql: str, *args: Any) -> None:
        asked.append(sql)
        raise OperationalError("the database is down")

    with connection.execute_wrapper(refuse):
        for _ in range(10):
            assert not kept.is_revoked(claims)
        assert len(asked) == 1
        stopwatch.seconds += 1
        assert not kept.is_revoked(claims)
        assert len(asked) == 2


def test_a_new_process_without_a_database_takes_no_token(claims: Claims) -> None:
    with database_down(), pytest.raises(RevocationsUnavailable) as caught:
        RevocationList().is_revoked(claims)
    assert caught.value.retry_after > 0


def test_whoever_has_an_answer_does_not_wait_for_who_is_asking(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    kept = RevocationList()
    assert not kept.is_revoked(claims)
    stopwatch.seconds += 5
    answers: list[bool] = []
    with kept._lock:
        thread = threading.Thread(target=lambda: answers.append(kept.is_revoked(claims)))
        thread.start()
        thread.join(5)
    assert answers == [False]


def test_of_those_without_an_answer_one_asks(
    claims: Claims, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kept = RevocationList()
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(kept.is_revoked(claims)))
    with django_assert_num_queries(2), kept._lock:
        waiting.start()
        # What the one who asks does; the other finds the result when its turn comes.
        kept._pull()
    waiting.join(5)
    assert answers == [False]


@pytest.mark.django_db(transaction=True)
def test_those_who_waited_for_a_database_that_is_down_do_not_ask_one_by_one(
    claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse(_: RevocationList) -> None:
        asked.append(1)
        threading.Event().wait(0.2)
        raise OperationalError

    monkeypatch.setattr(RevocationList, "_take_news", refuse)
    fresh = RevocationList()
    refused: list[str] = []

    def ask() -> None:
        try:
            fresh.is_revoked(claims)
        except RevocationsUnavailable as error:
            refused.append(error.reason)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert refused == ["OperationalError"] * 8
    assert len(asked) == 1
