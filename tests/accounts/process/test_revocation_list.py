"""The revocation list that each process keeps in memory."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Revocation, User
from accounts.process import revocation_list
from accounts.process.revocation_list import EVERYONE, RevocationList, RevocationsUnavailable
from accounts.process.revocation_rows import WholeSeconds
from cognito import deadlines
from cognito.testing import WITHOUT, TokenFactory
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier
from tests.support.clock import ManualClock, ends_within

pytestmark = pytest.mark.django_db

OTHER_POOL = "https://another.example"
IsRevoked = Callable[[Claims], bool]


@pytest.fixture
def stopwatch() -> ManualClock:
    return ManualClock(1_000)


@pytest.fixture
def kept(stopwatch: ManualClock) -> RevocationList:
    """The list of a process that has just started."""
    return RevocationList(monotonic=stopwatch)


@pytest.fixture
def claims(token_factory: TokenFactory, token_verifier: TokenVerifier) -> Claims:
    """The claims of an access token whose sign-in was a minute ago."""
    return claims_with(token_factory, token_verifier)


@pytest.fixture(params=["list", "query"])
def is_revoked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> IsRevoked:
    """Ask a new process, by its list, or by a query if the list is too long to read at once."""
    is_long = request.param == "query"
    if is_long:
        monkeypatch.setattr(revocation_list, "PART", 1)
        monkeypatch.setattr(revocation_list, "LOAD_SECONDS", 0.0)
        now = timezone.now()
        Revocation.objects.create(
            issuer=OTHER_POOL, sub="x", signed_in_until=now, expires_at=now + timedelta(days=1)
        )

    def ask(claims: Claims) -> bool:
        kept = RevocationList()
        answer = kept.is_revoked(claims)
        assert kept.is_complete is not is_long
        return answer

    return ask


def claims_with(factory: TokenFactory, verifier: TokenVerifier, **changes: Any) -> Claims:
    before = int(timezone.now().timestamp()) - 60
    times = {"auth_time": before, "iat": before}
    return verifier.verify(factory.access(**times | changes), token_uses=frozenset({"access"}))


def revoke(claims: Claims, *, by: str, **changes: Any) -> Revocation:
    now = timezone.now()
    target = {
        "sign_in": {"origin_jti": claims.origin_jti or "", "sub": claims.sub},
        "user": {"sub": claims.sub},
        "everyone": {"sub": EVERYONE},
    }[by]
    times = {"signed_in_until": now, "expires_at": now + timedelta(days=1)}
    return Revocation.objects.create(issuer=claims.issuer, **target, **times | changes)


@contextmanager
def during_next_statement(act: Callable[[], object]) -> Iterator[None]:
    """Run `act` as another request while the next statement waits for the database."""
    waiting = [act]

    def wait(execute: Callable[..., Any], *arguments: Any) -> Any:
        if waiting:
            waiting.pop()()
        return execute(*arguments)

    with connection.execute_wrapper(wait):
        yield
    assert not waiting


@contextmanager
def database_down() -> Iterator[None]:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is down")

    with connection.execute_wrapper(refuse):
        yield


def test_empty_list_revokes_nothing(claims: Claims, is_revoked: IsRevoked) -> None:
    assert not is_revoked(claims)


@pytest.mark.parametrize("by", ["sign_in", "user", "everyone"])
def test_revoked_token_is_refused(claims: Claims, is_revoked: IsRevoked, by: str) -> None:
    revoke(claims, by=by)
    assert is_revoked(claims)


@pytest.mark.parametrize("by", ["sign_in", "user", "everyone"])
def test_revocation_of_another_pool_is_ignored(
    claims: Claims, is_revoked: IsRevoked, by: str
) -> None:
    revoke(claims._replace(issuer=OTHER_POOL), by=by)
    assert not is_revoked(claims)


def test_revocation_of_a_sign_in_does_not_affect_another_sign_in(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    is_revoked: IsRevoked,
) -> None:
    revoke(claims, by="sign_in")
    other = claims_with(token_factory, token_verifier)
    assert other.sub == claims.sub
    assert not is_revoked(other)


@pytest.mark.parametrize("by", ["user", "everyone"])
def test_revocation_of_a_user_applies_to_earlier_sign_ins(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    is_revoked: IsRevoked,
    by: str,
) -> None:
    revoke(claims, by=by, signed_in_until=timezone.now() - timedelta(seconds=30))
    after = claims_with(
        token_factory, token_verifier, auth_time=int(timezone.now().timestamp()) - 10
    )
    assert is_revoked(claims)
    assert not is_revoked(after)


@pytest.mark.parametrize("auth_time", [True, "now", None, 1.5, WITHOUT])
def test_time_of_issue_replaces_an_invalid_time_of_sign_in(
    claims: Claims,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    is_revoked: IsRevoked,
    auth_time: Any,
) -> None:
    without_time = claims_with(token_factory, token_verifier, auth_time=auth_time)
    row = revoke(claims, by="user", signed_in_until=timezone.now() - timedelta(seconds=90))
    assert not is_revoked(without_time)
    row.signed_in_until = timezone.now()
    row.save()
    assert is_revoked(without_time)


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_expired_revocation_is_ignored(claims: Claims, is_revoked: IsRevoked, by: str) -> None:
    revoke(claims, by=by, expires_at=timezone.now() - timedelta(seconds=1))
    assert not is_revoked(claims)


@pytest.mark.parametrize(
    ("act", "user", "expected"),
    [
        (None, ("", ""), True),
        (None, ("", "bob"), False),
        (None, (OTHER_POOL, ""), False),
        ({"sub": "agent"}, ("", ""), True),
        ({"sub": "agent"}, ("", "agent"), True),
        ({"sub": "agent"}, ("", "bob"), False),
        ({"sub": "agent"}, (OTHER_POOL, "agent"), False),
        ({"sub": "agent", "iss": OTHER_POOL}, (OTHER_POOL, "agent"), True),
        ({"sub": "agent", "iss": OTHER_POOL}, ("", "agent"), False),
        ({"sub": "agent", "act": {"sub": "first"}}, ("", "first"), True),
        ({"sub": "agent", "act": {"sub": "first"}}, ("", "agent"), True),
    ],
    ids=str,
)
def test_token_is_refused_while_its_user_or_an_actor_is_switched_off(
    *,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    is_revoked: IsRevoked,
    act: dict[str, Any] | None,
    user: tuple[str, str],
    expected: bool,
) -> None:
    claims = claims_with(token_factory, token_verifier, act=act or WITHOUT)
    issuer, sub = user
    row = User.objects.create(issuer=issuer or claims.issuer, sub=sub or claims.sub)
    assert not is_revoked(claims)
    User.objects.filter(pk=row.pk).update(is_active=False)
    assert is_revoked(claims) is expected


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_revocation_in_memory_expires(
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    revoke(claims, by=by)
    assert kept.is_revoked(claims)
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    stopwatch.now += 6
    assert not kept.is_revoked(claims)


def test_user_is_refused_while_disabled_on_this_site(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    user = User.objects.create(issuer=claims.issuer, sub=claims.sub)
    for is_active in (True, False, True):
        User.objects.filter(pk=user.pk).update(is_active=is_active)
        stopwatch.now += 6
        assert kept.is_revoked(claims) is not is_active


def test_new_revocations_are_read_every_five_seconds(
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        assert not kept.is_revoked(claims)
    revoke(claims, by="sign_in")
    stopwatch.now += 4.9
    with django_assert_num_queries(0):
        assert not kept.is_revoked(claims)
    stopwatch.now += 0.1
    with django_assert_num_queries(2):
        assert kept.is_revoked(claims)
    assert revocation_list.PULL_SECONDS <= 5


def test_new_revocations_are_added_to_those_in_memory(
    claims: Claims,
    kept: RevocationList,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: ManualClock,
) -> None:
    second = claims_with(token_factory, token_verifier, sub="another")
    revoke(claims, by="user")
    assert kept.is_revoked(claims)
    revoke(second, by="user")
    stopwatch.now += 5
    assert kept.is_revoked(second)
    Revocation.objects.all().delete()
    stopwatch.now += 5
    assert kept.is_revoked(claims), "the revocation is in memory"
    assert kept.is_revoked(second)


@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_revocation_counts_although_the_clock_of_the_database_was_put_back(
    *,
    claims: Claims,
    kept: RevocationList,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: ManualClock,
    by: str,
) -> None:
    revoke(claims, by=by)
    assert kept.is_revoked(claims)
    other = claims_with(token_factory, token_verifier, sub="another")
    row = revoke(other, by=by)
    hours_ago = timezone.now() - timedelta(hours=5)
    Revocation.objects.filter(pk=row.pk).update(created_at=hours_ago)
    stopwatch.now += 1_000
    assert kept.is_revoked(other)


@pytest.mark.parametrize("pulls_between", [0, 3, 11])
def test_row_that_commits_after_rows_with_greater_keys_is_not_missed(
    *,
    claims: Claims,
    kept: RevocationList,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    stopwatch: ManualClock,
    pulls_between: int,
) -> None:
    late, early = (
        claims_with(token_factory, token_verifier, sub=name) for name in ("late", "early")
    )
    # The process has run for a while.
    for _ in range(30):
        kept.is_revoked(claims)
        stopwatch.now += 5
    early_row = revoke(early, by="user")
    revoke(early._replace(sub="later"), by="user")
    values = Revocation.objects.filter(pk=early_row.pk).values().get()
    Revocation.objects.filter(pk=early_row.pk).delete()
    for _ in range(pulls_between + 1):
        assert not kept.is_revoked(late)
        stopwatch.now += 5
    Revocation.objects.create(**values | {"sub": "late"})
    assert kept.is_revoked(late)


def test_row_that_commits_late_is_not_missed_by_a_process_that_has_just_started(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    row = revoke(claims, by="user")
    revoke(claims._replace(sub="later"), by="user")
    values = Revocation.objects.filter(pk=row.pk).values().get()
    Revocation.objects.filter(pk=row.pk).delete()
    assert not kept.is_revoked(claims)
    Revocation.objects.create(**values)
    stopwatch.now += 5
    assert kept.is_revoked(claims)


def test_idle_process_does_not_miss_a_row_that_commits_late(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    for _ in range(30):
        kept.is_revoked(claims)
        stopwatch.now += 5
    row = revoke(claims, by="user")
    revoke(claims._replace(sub="later"), by="user")
    values = Revocation.objects.filter(pk=row.pk).values().get()
    Revocation.objects.filter(pk=row.pk).delete()
    assert not kept.is_revoked(claims)
    Revocation.objects.create(**values)
    stopwatch.now += 3_600
    assert kept.is_revoked(claims)


@pytest.mark.parametrize("was_too_long", [False, True])
def test_first_row_of_an_empty_table_is_not_missed(
    *,
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    was_too_long: bool,
) -> None:
    if was_too_long:
        monkeypatch.setattr(revocation_list, "MAX_SWITCHED_OFF", 0)
        user = User.objects.create(issuer=claims.issuer, sub="another", is_active=False)
        assert not kept.is_revoked(claims)
        user.delete()
        stopwatch.now += revocation_list.LOOK_AGAIN_SECONDS
    # The process has run for a while.
    for _ in range(30):
        assert not kept.is_revoked(claims)
        stopwatch.now += 5
    revoke(claims, by="user", pk=1)
    assert kept.is_revoked(claims)


def test_old_rows_are_not_read_again(
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(40):
        revoke(claims._replace(sub=f"user {number}"), by="user")
    for _ in range(20):
        kept.is_revoked(claims)
        stopwatch.now += 5
    Revocation.objects.update(sub=Concat("sub", Value("?")))
    with django_assert_num_queries(2):
        kept.is_revoked(claims)
    assert not kept.is_revoked(claims._replace(sub="user 0?"))


def test_row_is_read_again_for_a_minute(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    """A row that changes shows which rows are read. A row that commits late has the same place."""
    revoke(claims, by="user")
    kept.is_revoked(claims)
    for seconds, sub, is_read in ((60, "after a minute", True), (5, "later", False)):
        Revocation.objects.update(sub=sub)
        stopwatch.now += seconds
        assert kept.is_revoked(claims._replace(sub=sub)) is is_read


def test_rows_are_read_in_the_order_of_their_keys(
    claims: Claims, kept: RevocationList, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """SQLite does so without ORDER BY. PostgreSQL does not."""
    with django_assert_num_queries(2) as captured:
        kept.is_revoked(claims)
    sql = captured[0]["sql"]
    assert sql.startswith('SELECT "accounts_revocation"."id" ')
    assert " ORDER BY 1 ASC LIMIT " in sql


def test_expired_rows_are_not_read(
    claims: Claims,
    kept: RevocationList,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(revocation_list, "PART", 1)
    monkeypatch.setattr(revocation_list, "LOAD_SECONDS", 0.0)
    revoke(claims, by="user", expires_at=timezone.now() - timedelta(seconds=1))
    with django_assert_num_queries(2):
        assert not kept.is_revoked(claims)


def test_postgresql_rounds_times_down_to_seconds() -> None:
    """A cast would round to the nearest second. tests/races reads the list on PostgreSQL."""
    rows = Revocation.objects.values_list(WholeSeconds("expires_at"))
    compiler = rows.query.get_compiler(connection=DatabaseWrapper(connection.settings_dict))
    sql, _ = compiler.as_sql()
    time = 'FLOOR(EXTRACT(EPOCH FROM "accounts_revocation"."expires_at"))::bigint'
    assert sql.startswith(f"SELECT {time} AS ")


# --- A list that is too long to read at once


@pytest.fixture
def long_list(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows for three reads. The row of the token is in the last one."""
    monkeypatch.setattr(revocation_list, "PART", 4)
    monkeypatch.setattr(revocation_list, "LOAD_SECONDS", 0.0)
    for number in range(9):
        revoke(claims._replace(sub=f"user {number}"), by="user")
    revoke(claims, by="user")


@pytest.mark.usefixtures("long_list")
def test_token_is_refused_while_the_list_is_being_read(
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    other = claims._replace(sub="not revoked")
    for _ in range(2):
        # Two queries read a part of the list. The third one checks this token.
        with django_assert_num_queries(3):
            assert kept.is_revoked(claims)
        assert not kept.is_revoked(other)
        stopwatch.now += revocation_list.LOAD_AGAIN_SECONDS
    with django_assert_num_queries(2):
        assert kept.is_revoked(claims)
    with django_assert_num_queries(0):
        assert kept.is_revoked(claims)
        assert not kept.is_revoked(other)


@pytest.mark.usefixtures("long_list")
def test_requests_do_not_wait_for_the_one_that_reads_the_list(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    assert kept.is_revoked(claims)
    stopwatch.now += revocation_list.LOAD_AGAIN_SECONDS
    answers: list[bool] = []
    with during_next_statement(lambda: answers.append(kept.is_revoked(claims))):
        kept.is_revoked(claims)
    assert answers == [True]


@pytest.mark.usefixtures("long_list")
def test_request_reads_as_many_parts_as_its_time_allows(
    claims: Claims,
    kept: RevocationList,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(revocation_list, "LOAD_SECONDS", 0.25)
    with django_assert_num_queries(4):
        assert kept.is_revoked(claims)
    assert kept.is_complete


@pytest.mark.usefixtures("long_list")
def test_token_is_not_judged_if_its_own_query_fails(claims: Claims, kept: RevocationList) -> None:
    def refuse(execute: Any, sql: str, *arguments: Any) -> Any:
        if " LIMIT 4" not in sql:
            raise OperationalError("the database is down")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse), pytest.raises(RevocationsUnavailable) as caught:
        kept.is_revoked(claims)
    assert caught.value.reason == "OperationalError"


@pytest.mark.usefixtures("long_list")
def test_failure_while_the_list_is_read_is_awaited_only_once(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    assert kept.is_revoked(claims)
    stopwatch.now += revocation_list.LOAD_AGAIN_SECONDS
    with database_down():
        for _ in range(3):
            with pytest.raises(RevocationsUnavailable):
                kept.is_revoked(claims)
    stopwatch.now += revocation_list.PULL_AGAIN_SECONDS
    assert kept.is_revoked(claims)


def test_wait_for_a_stale_list_ends_at_the_deadline_of_the_request(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    kept.is_revoked(claims)
    stopwatch.now += 60

    def ask() -> None:
        with (
            ends_within(10),
            deadlines.running(deadlines.Budget(calls=0.2, database=0.2)),
            pytest.raises(RevocationsUnavailable) as caught,
        ):
            kept.is_revoked(claims)
        assert caught.value.reason == "no answer yet"

    with during_next_statement(ask):
        kept.is_revoked(claims)


# --- A list that is too long to keep


@pytest.fixture(params=["revocations", "switched_off"])
def too_long(
    request: pytest.FixtureRequest, claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> list[Revocation | User]:
    """Three rows of other users, one more than a process keeps."""
    monkeypatch.setattr(revocation_list, "MAX_ROWS", 2)
    monkeypatch.setattr(revocation_list, "MAX_SWITCHED_OFF", 2)
    others = [claims._replace(sub=f"user {number}") for number in range(3)]
    if request.param == "revocations":
        return [revoke(one, by="user") for one in others]
    return [User.objects.create(issuer=x.issuer, sub=x.sub, is_active=False) for x in others]


def test_each_token_is_a_query_while_the_list_is_too_long(
    *,
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    too_long: list[Revocation | User],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert len(too_long) == 3
    assert not kept.is_revoked(claims)
    for sub in ("user 0", "user 2"):
        stopwatch.now += revocation_list.PULL_SECONDS
        with django_assert_num_queries(2):
            assert kept.is_revoked(claims._replace(sub=sub))
    revoke(claims, by="sign_in")
    assert kept.is_revoked(claims), "a query is never late"
    assert not kept.is_complete
    assert kept.age_seconds == math.inf


def test_process_warns_once_that_the_list_is_too_long(
    claims: Claims,
    kept: RevocationList,
    too_long: list[Revocation | User],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in too_long:
        kept.is_revoked(claims)
    warning = "The revocation list is too long to keep. Each token is a query now."
    assert caplog.messages == [warning]


def test_rows_are_counted_five_minutes_after_the_list_became_too_long(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock, too_long: list[Revocation | User]
) -> None:
    kept.is_revoked(claims)
    too_long[0].delete()
    for seconds, is_complete in ((299, False), (1, True)):
        stopwatch.now += seconds
        # The first request counts, and the second one reads the list.
        for _ in range(2):
            kept.is_revoked(claims)
        assert kept.is_complete is is_complete


@pytest.mark.usefixtures("too_long")
def test_requests_do_not_wait_for_the_one_that_counts(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    kept.is_revoked(claims)
    assert not kept.is_complete, "the next statement counts"
    answers: list[bool] = []

    def ask_when_the_next_count_is_due() -> None:
        stopwatch.now += revocation_list.LOOK_AGAIN_SECONDS
        answers.append(kept.is_revoked(claims._replace(sub="user 2")))

    stopwatch.now += revocation_list.LOOK_AGAIN_SECONDS
    with during_next_statement(ask_when_the_next_count_is_due):
        assert not kept.is_revoked(claims)
    assert answers == [True]


def test_list_is_kept_again_when_it_has_become_shorter(
    *,
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    too_long: list[Revocation | User],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    kept.is_revoked(claims)
    stopwatch.now += revocation_list.LOOK_AGAIN_SECONDS
    # The process counts the list, which is still too long.
    assert kept.is_revoked(claims._replace(sub="user 2"))
    with django_assert_num_queries(2):
        assert not kept.is_revoked(claims)
    too_long[0].delete()
    stopwatch.now += revocation_list.LOOK_AGAIN_SECONDS
    kept.is_revoked(claims)
    assert kept.is_revoked(claims._replace(sub="user 2"))
    assert kept.is_complete
    with django_assert_num_queries(0):
        assert kept.is_revoked(claims._replace(sub="user 2"))
        assert not kept.is_revoked(claims._replace(sub="user 0"))


def test_request_notices_that_another_one_has_emptied_the_list(
    claims: Claims, kept: RevocationList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty list must not count as one that revokes nothing."""
    revoke(claims, by="sign_in")
    kept.is_revoked(claims)
    look_up = kept._is_in_list  # noqa: SLF001 - the moment in between

    def after_another_request(claims: Claims) -> bool:
        kept._give_up()  # noqa: SLF001
        return look_up(claims)

    monkeypatch.setattr(kept, "_is_in_list", after_another_request)
    assert kept.is_revoked(claims)


def test_failed_count_leaves_each_token_to_a_query(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock, too_long: list[Revocation | User]
) -> None:
    kept.is_revoked(claims)
    stopwatch.now += revocation_list.LOOK_AGAIN_SECONDS
    with database_down(), pytest.raises(RevocationsUnavailable):
        kept.is_revoked(claims)
    assert len(too_long) == 3
    assert kept.is_revoked(claims._replace(sub="user 2"))


# --- An unavailable database


def test_list_is_used_for_ten_seconds_while_the_database_is_down(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    revoke(claims, by="sign_in")
    assert kept.is_revoked(claims)
    with database_down():
        stopwatch.now += 9.9
        assert kept.is_revoked(claims), "the list in memory still counts"
        stopwatch.now += 1
        with pytest.raises(RevocationsUnavailable):
            kept.is_revoked(claims)
    stopwatch.now += 1
    assert kept.is_revoked(claims), "the list is read again after the outage"


def test_stale_list_answers_no_request_while_the_database_is_down(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    assert not kept.is_revoked(claims)
    asked: list[str] = []

    def refuse(execute: Any, sql: str, *args: Any) -> None:
        asked.append(sql)
        raise OperationalError("the database is down")

    stopwatch.now += revocation_list.STALE_SECONDS
    with connection.execute_wrapper(refuse):
        for _ in range(3):
            with pytest.raises(RevocationsUnavailable):
                kept.is_revoked(claims)
        assert len(asked) == 1, "the requests after the first do not ask"
        stopwatch.now += revocation_list.PULL_AGAIN_SECONDS
        for _ in range(2):
            with pytest.raises(RevocationsUnavailable):
                kept.is_revoked(claims)
        assert len(asked) == 2
    assert revocation_list.STALE_SECONDS <= 10


def test_age_is_reported_at_each_failure_and_after_the_last_one(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    ages: list[float] = []
    kept.on_change_of_age = ages.append
    assert kept.age_seconds == math.inf
    with database_down(), pytest.raises(RevocationsUnavailable):
        kept.is_revoked(claims)
    assert ages == [], "a list that was never read has no age"
    stopwatch.now += 1
    kept.is_revoked(claims)
    assert ages == [0]
    with database_down():
        for seconds in (5, 1):
            stopwatch.now += seconds
            kept.is_revoked(claims)
    assert ages == [0, 5, 6]
    for seconds in (1, 5):
        stopwatch.now += seconds
        kept.is_revoked(claims)
    assert ages == [0, 5, 6, 0], "a list without failures does not report its age"


def test_unavailable_database_is_not_asked_at_every_request(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    assert not kept.is_revoked(claims)
    stopwatch.now += 5
    asked: list[str] = []

    def refuse(execute: Any, sql: str, *args: Any) -> None:
        asked.append(sql)
        raise OperationalError("the database is down")

    with connection.execute_wrapper(refuse):
        for _ in range(10):
            assert not kept.is_revoked(claims)
        assert len(asked) == 1
        stopwatch.now += 1
        assert not kept.is_revoked(claims)
        assert len(asked) == 2


def test_new_process_without_a_database_accepts_no_token(claims: Claims) -> None:
    with database_down(), pytest.raises(RevocationsUnavailable) as caught:
        RevocationList().is_revoked(claims)
    assert caught.value.retry_after > 0
    assert caught.value.reason == "OperationalError"
    assert str(caught.value) == "Tokens cannot be checked right now."


def test_request_with_a_fresh_list_does_not_wait_for_another_request(
    claims: Claims, kept: RevocationList, stopwatch: ManualClock
) -> None:
    assert not kept.is_revoked(claims)
    stopwatch.now += 5
    answers: list[bool] = []
    with during_next_statement(lambda: answers.append(kept.is_revoked(claims))):
        assert not kept.is_revoked(claims)
    assert answers == [False]


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "stale"])
def test_only_one_of_the_waiting_requests_reads_the_list(
    *,
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    django_assert_num_queries: DjangoAssertNumQueries,
    is_new: bool,
) -> None:
    answers: list[bool] = []
    revoke(claims._replace(sub="another"), by="user")
    if not is_new:
        kept.is_revoked(claims)
        stopwatch.now += 60
    # The thread has no database, so it can only use what the other request has read.
    waiting = threading.Thread(target=lambda: answers.append(kept.is_revoked(claims)))
    with django_assert_num_queries(2), during_next_statement(waiting.start):
        assert not kept.is_revoked(claims)
    waiting.join(5)
    assert answers == [False]


def test_waiting_requests_share_the_failure_of_the_database(
    claims: Claims, kept: RevocationList
) -> None:
    asked: list[str] = []
    refused: list[str] = []

    def refuse(execute: Any, sql: str, *arguments: Any) -> None:
        asked.append(sql)
        threading.Event().wait(0.2)
        raise OperationalError

    def ask() -> None:
        # Each thread has its own connection.
        with connection.execute_wrapper(refuse):
            try:
                kept.is_revoked(claims)
            except RevocationsUnavailable as error:
                refused.append(error.reason)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert refused == ["OperationalError"] * 8
    assert len(asked) == 1


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_times_of_sign_ins_are_compared_in_whole_seconds(
    *,
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    is_revoked: IsRevoked,
    microsecond: int,
) -> None:
    moment = (timezone.now() - timedelta(minutes=1)).replace(microsecond=microsecond)
    second = int(moment.timestamp())
    earlier, later = (
        claims_with(token_factory, token_verifier, auth_time=auth_time)
        for auth_time in (second, second + 1)
    )
    revoke(earlier, by="user", signed_in_until=moment)

    assert is_revoked(earlier)
    assert not is_revoked(later)


@pytest.mark.parametrize("second", [30, 31])
@pytest.mark.parametrize("by", ["sign_in", "user"])
def test_row_in_memory_expires_at_the_next_full_second(
    claims: Claims, kept: RevocationList, monkeypatch: pytest.MonkeyPatch, by: str, second: int
) -> None:
    expires_at = timezone.now().replace(second=second, microsecond=0) + timedelta(hours=1)
    revoke(claims, by=by, signed_in_until=expires_at, expires_at=expires_at)
    assert kept.is_revoked(claims)
    for now, is_in_force in ((expires_at, True), (expires_at + timedelta(seconds=1), False)):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert kept.is_revoked(claims) is is_in_force


@pytest.mark.parametrize("by", ["user", "sign_in"])
def test_expired_revocation_is_dropped_from_memory_after_five_minutes(
    claims: Claims,
    kept: RevocationList,
    stopwatch: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    expires_at = timezone.now().replace(microsecond=0) + timedelta(days=1)
    revoke(claims, by=by, expires_at=expires_at)
    assert kept.is_revoked(claims)
    # The list has whole seconds, rounded up.
    later = expires_at + timedelta(seconds=1)
    for seconds, is_in_memory in ((295, True), (5, False)):
        stopwatch.now += seconds
        with monkeypatch.context() as tomorrow:
            tomorrow.setattr(timezone, "now", lambda: later)
            assert not kept.is_revoked(claims)
        # A row in memory is valid again at this time.
        assert kept.is_revoked(claims) is is_in_memory
