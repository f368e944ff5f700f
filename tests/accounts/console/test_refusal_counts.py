from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import InterfaceError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import process
from accounts.models import RefusalCount, User
from accounts.process.refusal_tally import WRITE_SECONDS, RefusalTally
from cognito.testing import TokenFactory
from tests.support.caller import Caller
from tests.support.clock import ManualClock

HALF_PAST_TWELVE = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


@pytest.fixture
def seconds() -> ManualClock:
    return ManualClock()


@pytest.fixture
def tally(seconds: ManualClock, monkeypatch: pytest.MonkeyPatch) -> RefusalTally:
    """The tally of a process that has just started."""
    process.current.refusals = RefusalTally(monotonic=seconds)
    monkeypatch.setattr(timezone, "now", lambda: HALF_PAST_TWELVE)
    return process.current.refusals


def counted() -> dict[tuple[datetime, int], int]:
    return {(row.hour, row.status): row.count for row in RefusalCount.objects.all()}


NOON = HALF_PAST_TWELVE.replace(minute=0)


@pytest.mark.django_db
def test_many_refusals_are_written_at_intervals(
    tally: RefusalTally, seconds: ManualClock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        for _ in range(1000):
            tally.count(401)
    assert counted() == {(NOON, 401): 1}
    seconds.now = WRITE_SECONDS
    with django_assert_num_queries(2):
        tally.count(403)
    assert counted() == {(NOON, 401): 1000, (NOON, 403): 1}


@pytest.mark.django_db
def test_each_hour_has_its_own_count(
    tally: RefusalTally, seconds: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally.count(429)
    seconds.now = WRITE_SECONDS
    one = NOON.replace(hour=13)
    monkeypatch.setattr(timezone, "now", lambda: one)
    tally.count(429)
    assert counted() == {(NOON, 429): 1, (one, 429): 1}


def test_no_refusal_is_missed_by_threads() -> None:
    written: list[int] = []
    seconds = ManualClock()
    tally = RefusalTally(
        write=lambda counts: written.append(sum(counts.values())), monotonic=seconds
    )
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(tally.count, [401] * 800))
    seconds.now = WRITE_SECONDS
    tally.count(401)
    assert sum(written) == 801
    assert len(written) == 2


def test_unavailable_database_is_asked_once_and_does_not_fail_the_request() -> None:
    asked: list[object] = []

    def fail(counts: object) -> None:
        asked.append(counts)
        raise InterfaceError

    tally = RefusalTally(write=fail)
    for _ in range(10):
        tally.count(401)
    assert len(asked) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("authorization", "status", "is_counted"),
    [
        # A request without credentials is not refused, but told which it needs.
        (None, 401, False),
        ("Bearer made.up.token", 401, True),
        ("Basic YTpi", 401, True),
    ],
)
def test_invalid_token_is_counted(
    client: Client,
    tally: RefusalTally,
    authorization: str | None,
    *,
    status: int,
    is_counted: bool,
) -> None:
    headers: dict[str, Any] = {"HTTP_AUTHORIZATION": authorization} if authorization else {}
    assert client.get("/api/v1/me", **headers).status_code == status
    assert counted() == ({(NOON, 401): 1} if is_counted else {})


@pytest.mark.django_db
def test_missing_rights_are_counted(client: Client, tally: RefusalTally) -> None:
    client.force_login(User.objects.create(issuer="here", sub="eve"))
    assert Client(enforce_csrf_checks=True).post("/accounts/logout/").status_code == 403
    assert counted() == {(NOON, 403): 1}


@pytest.mark.django_db
def test_accepted_request_takes_no_query(
    *,
    tally: RefusalTally,
    known_keys: None,
    tokens: TokenFactory,
    call: Caller,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    token = tokens.access()
    assert call(token).status_code == 200
    with django_assert_num_queries(0):
        assert call(token).status_code == 200
