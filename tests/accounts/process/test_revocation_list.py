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
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Revocation, User
from accounts.process import revocation_list
from accounts.process.revocation_list import RevocationList, RevocationsUnavailable
from cognito import deadlines
from cognito.testing import WITHOUT, TokenFactory
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier
from tests.support.clock import ends_within

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
    monkeypatch.setattr(revocation_list, "time", SimpleNamespace(monotonic=stopwatch.monotonic))
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
    assert revocation_list.PULL_SECONDS <= 5


def test_later_news_adds_to_earlier_news(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: Stopwatch,
) -> None:
    second = claims_with(token_factory, token_verifier, sub="another")
    kept = RevocationList()
    revoke(claims, by="user")
    assert kept.is_revoked(claims)
    revoke(second, by="user")
    stopwatch.seconds += 5
    assert kept.is_revoked(second)
    Revocation.objects.all().delete()
    stopwatch.seconds += 5
    assert kept.is_revoked(claims), "it is in memory"
    assert kept.is_revoked(second)


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_revocation_counts_although_the_clock_of_the_database_was_put_back(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: Stopwatch,
    by: str,
) -> None:
    kept = RevocationList()
    revoke(claims, by=by)
    assert kept.is_revoked(claims)
    other = claims_with(token_factory, token_verifier, sub="another")
    row = revoke(other, by=by)
    hours_ago = timezone.now() - timedelta(hours=5)
    Revocation.objects.filter(pk=row.pk).update(created_at=hours_ago)
    stopwatch.seconds += 1_000
    assert kept.is_revoked(other)


@pytest.mark.parametrize("pulls_between", [0, 3, 11])
def test_row_that_commits_after_rows_with_greater_keys_is_not_missed(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: Stopwatch,
    pulls_between: int,
) -> None:
    late, early = (
        claims_with(token_factory, token_verifier, sub=name) for name in ("late", "early")
    )
    kept = RevocationList()
    # A process that has run for a while, and not one that has just started.
    for _ in range(30):
        kept.is_revoked(claims)
        stopwatch.seconds += 5
    early_row = revoke(early, by="user")
    revoke(early._replace(sub="later"), by="user")
    values = Revocation.objects.filter(pk=early_row.pk).values().get()
    Revocation.objects.filter(pk=early_row.pk).delete()
    for _ in range(pulls_between + 1):
        assert not kept.is_revoked(late)
        stopwatch.seconds += 5
    Revocation.objects.create(**values | {"sub": "late"})
    assert kept.is_revoked(late)


def test_row_that_commits_late_is_not_missed_by_a_process_that_has_just_started(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    row = revoke(claims, by="user")
    revoke(claims._replace(sub="later"), by="user")
    values = Revocation.objects.filter(pk=row.pk).values().get()
    Revocation.objects.filter(pk=row.pk).delete()
    kept = RevocationList()
    assert not kept.is_revoked(claims)
    Revocation.objects.create(**values)
    stopwatch.seconds += 5
    assert kept.is_revoked(claims)


def test_idle_process_does_not_miss_a_row_that_commits_late(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    kept = RevocationList()
    for _ in range(30):
        kept.is_revoked(claims)
        stopwatch.seconds += 5
    row = revoke(claims, by="user")
    revoke(claims._replace(sub="later"), by="user")
    values = Revocation.objects.filter(pk=row.pk).values().get()
    Revocation.objects.filter(pk=row.pk).delete()
    assert not kept.is_revoked(claims)
    Revocation.objects.create(**values)
    stopwatch.seconds += 3_600
    assert kept.is_revoked(claims)


def test_old_rows_are_not_read_again(
    claims: Claims, stopwatch: Stopwatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kept = RevocationList()
    for number in range(40):
        revoke(claims._replace(sub=f"user {number}"), by="user")
    for _ in range(20):
        kept.is_revoked(claims)
        stopwatch.seconds += 5
    Revocation.objects.update(sub=Concat("sub", Value("?")))
    with django_assert_num_queries(2):
        kept.is_revoked(claims)
    assert not any(sub.endswith("?") for sub in kept._users[claims.issuer])


# --- A list that a new process cannot read at once


@pytest.fixture
def long_list(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows for three pulls, the token's own in the last of them."""
    monkeypatch.setattr(revocation_list, "PART", 4)
    monkeypatch.setattr(revocation_list, "LOAD_SECONDS", 0.0)
    for number in range(9):
        revoke(claims._replace(sub=f"user {number}"), by="user")
    revoke(claims, by="user")


@pytest.mark.usefixtures("long_list")
def test_token_is_refused_while_the_list_is_being_read(
    claims: Claims, stopwatch: Stopwatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kept = RevocationList()
    other = claims._replace(sub="not revoked")
    for _ in range(2):
        # One part, and what the database says about this token.
        with django_assert_num_queries(3):
            assert kept.is_revoked(claims)
        assert not kept.is_revoked(other)
        stopwatch.seconds += revocation_list.LOAD_AGAIN_SECONDS
    with django_assert_num_queries(2):
        assert kept.is_revoked(claims)
    with django_assert_num_queries(0):
        assert kept.is_revoked(claims)
        assert not kept.is_revoked(other)


@pytest.mark.usefixtures("long_list")
def test_database_is_asked_about_sign_ins_and_inactive_users_as_the_list_is(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    Revocation.objects.filter(sub=claims.sub).delete()
    kept = RevocationList()
    assert not kept.is_revoked(claims)
    revoke(claims, by="sign_in")
    assert kept.is_revoked(claims)
    Revocation.objects.exclude(origin_jti="").delete()
    revoke(claims, by="user", signed_in_until=timezone.now() - timedelta(minutes=5))
    assert not kept.is_revoked(claims), "this sign-in is younger"
    User.objects.create(issuer=claims.issuer, sub=claims.sub, is_active=False)
    assert kept.is_revoked(claims)


@pytest.mark.usefixtures("long_list")
def test_requests_do_not_wait_for_the_one_that_reads_the_list(claims: Claims) -> None:
    kept = RevocationList()
    assert kept.is_revoked(claims)
    with kept._lock:
        assert kept.is_revoked(claims)


@pytest.mark.usefixtures("long_list")
def test_database_that_goes_down_while_the_list_is_read_is_waited_for_once(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    kept = RevocationList()
    assert kept.is_revoked(claims)
    stopwatch.seconds += revocation_list.LOAD_AGAIN_SECONDS
    with database_down():
        for _ in range(3):
            with pytest.raises(RevocationsUnavailable):
                kept.is_revoked(claims)
    stopwatch.seconds += revocation_list.PULL_AGAIN_SECONDS
    assert kept.is_revoked(claims)


def test_stale_list_is_waited_for_within_the_time_of_the_request(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    kept = RevocationList()
    kept.is_revoked(claims)
    stopwatch.seconds += 60
    with (
        ends_within(10),
        kept._lock,
        deadlines.running(deadlines.Budget(calls=0.2, database=0.2)),
        pytest.raises(RevocationsUnavailable),
    ):
        kept.is_revoked(claims)


# --- What is written


def moments(minutes: int = 0) -> dict[str, Any]:
    until = timezone.now() + timedelta(minutes=minutes)
    return {"until": until, "expires_at": until + timedelta(days=1)}


def test_user_has_one_row_however_often_they_sign_out_everywhere(claims: Claims) -> None:
    keys = [
        revocation_list.revoke_user(issuer=claims.issuer, sub=claims.sub, **moments())
        for _ in range(100)
    ]
    row = Revocation.objects.get()
    assert row.pk == keys[-1]
    assert keys == sorted(set(keys)), "each is news to the other processes"


def test_later_revocation_reaches_a_process_that_knows_an_earlier_one(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: Stopwatch,
) -> None:
    user: dict[str, Any] = {"issuer": claims.issuer, "sub": claims.sub}
    revocation_list.revoke_user(**user, **moments(-30))
    kept = RevocationList()
    for _ in range(30):
        assert not kept.is_revoked(claims)
        stopwatch.seconds += 5
    revocation_list.revoke_user(**user, **moments())
    assert kept.is_revoked(claims)


def test_revocation_is_not_shortened_by_a_clock_that_was_put_back(claims: Claims) -> None:
    user: dict[str, Any] = {"issuer": claims.issuer, "sub": claims.sub}
    later = moments(30)
    revocation_list.revoke_user(**user, **later)
    revocation_list.revoke_user(**user, **moments())
    row = Revocation.objects.get()
    assert {"until": row.signed_in_until, "expires_at": row.expires_at} == later


def test_sign_in_has_one_row_however_often_it_ends(claims: Claims) -> None:
    for _ in range(3):
        revocation_list.revoke_sign_in(
            issuer=claims.issuer, origin_jti="one", sub=claims.sub, **moments()
        )
    assert Revocation.objects.get().origin_jti == "one"


def test_user_who_ends_very_many_sign_ins_is_signed_out_everywhere(claims: Claims) -> None:
    for number in range(101):
        revocation_list.revoke_sign_in(
            issuer=claims.issuer, origin_jti=f"one {number}", sub=claims.sub, **moments()
        )
        assert not (number < 5 and RevocationList().is_revoked(claims))
    row = Revocation.objects.get()
    assert (row.origin_jti, row.sub) == ("", claims.sub)
    assert RevocationList().is_revoked(claims)


def test_rows_of_a_user_and_of_their_sign_ins_are_told_apart(claims: Claims) -> None:
    user: dict[str, Any] = {"issuer": claims.issuer, "sub": claims.sub}
    revocation_list.revoke_user(**user, **moments())
    revocation_list.revoke_sign_in(**user, origin_jti="one", **moments())
    revocation_list.revoke_user(**user, **moments())
    assert Revocation.objects.count() == 2


# --- A database that does not answer


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


def test_stale_list_answers_no_request_while_the_database_is_down(
    claims: Claims, stopwatch: Stopwatch
) -> None:
    kept = RevocationList()
    assert not kept.is_revoked(claims)
    asked: list[str] = []

    def refuse(execute: Any, sql: str, *args: Any) -> None:
        asked.append(sql)
        raise OperationalError("the database is down")

    stopwatch.seconds += revocation_list.STALE_SECONDS
    with connection.execute_wrapper(refuse):
        for _ in range(3):
            with pytest.raises(RevocationsUnavailable):
                kept.is_revoked(claims)
        assert len(asked) == 1, "the requests after the first do not ask"
        stopwatch.seconds += revocation_list.PULL_AGAIN_SECONDS
        for _ in range(2):
            with pytest.raises(RevocationsUnavailable):
                kept.is_revoked(claims)
        assert len(asked) == 2
    assert revocation_list.STALE_SECONDS <= 10


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


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_moments_of_a_row_are_those_of_the_database_in_whole_seconds(
    claims: Claims, microsecond: int
) -> None:
    moment = timezone.now().replace(microsecond=microsecond)
    revoke(claims, by="user", signed_in_until=moment, expires_at=moment + timedelta(days=1))
    kept = RevocationList()
    kept.is_revoked(claims)
    row = kept._users[claims.issuer][claims.sub]
    assert revocation_list._until(row) == int(moment.timestamp())
    assert 0 < revocation_list._expires(row) - 86_400 - moment.timestamp() <= 1


def test_what_has_expired_is_dropped_from_memory(
    claims: Claims, stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for by in ("user", "sign_in"):
        revoke(claims, by=by)
    kept = RevocationList()
    assert kept.is_revoked(claims)
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    stopwatch.seconds += revocation_list.DROP_SECONDS
    assert not kept.is_revoked(claims)
    assert not any(kept._users.values())
    assert not any(kept._sign_ins.values())
