"""Tests of the budget of a request, and of the sums behind the promises."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from cognito import deadlines
from cognito.deadlines import Budget
from tests.support.clock import ManualClock, ends_within


@pytest.mark.parametrize(
    ("name", "value", "broken"),
    [
        ("REQUEST", Budget(calls=2.2, database=2.9), "an answer"),
        ("REQUEST", Budget(calls=2.5, database=2.6), "recording a failed call"),
        ("SIGN_IN", Budget(calls=7.0, database=7.9), "a sign-in"),
        ("SHARED_CALL_SECONDS", 1.2, "two calls that share"),
        ("TOKEN_CALL_SECONDS", 5.0, "a browser's sign-in"),
        ("POOL_CALL_SECONDS", 5.0, "a password's sign-in"),
        ("KEY_SET_SECONDS", 2.6, "a key set"),
        ("DATABASE_SECONDS", 2.7, "one database wait"),
        ("CANCEL_SECONDS", 0.3, "an answer"),
        ("REVOCATION_PULL_SECONDS", 8.0, "a revocation"),
        ("HEALTH", Budget(calls=1.2, database=1.2), "two checks of /readyz"),
    ],
)
def test_limit_that_breaks_a_promise_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, broken: str
) -> None:
    deadlines.check_sums()
    monkeypatch.setattr(deadlines, name, value)
    with pytest.raises(ValueError, match=broken):
        deadlines.check_sums()


def test_promises_are_those_of_the_documentation() -> None:
    assert deadlines.ANSWER_SECONDS == 3
    assert deadlines.SIGN_IN_ANSWER_SECONDS == 8
    assert deadlines.REVOKED_SECONDS == 10


def test_code_outside_a_request_has_only_the_limits_of_its_calls() -> None:
    assert deadlines.database_seconds() is None
    assert deadlines.call_seconds(4.5) == 4.5


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    clock = ManualClock()
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=clock))
    return clock


def test_waits_use_up_the_budget_of_the_request(clock: ManualClock) -> None:
    with deadlines.running(Budget(calls=2, database=4)):
        assert deadlines.call_seconds(4.5) == 2
        assert deadlines.call_seconds(0.5) == 0.5
        wait(1.5, clock)
        assert deadlines.call_seconds(4.5) == 0.5
        wait(1, clock)
        assert deadlines.call_seconds(4.5) == 0
        assert deadlines.database_seconds() == 1.5
        wait(2, clock)
        assert deadlines.database_seconds() == 0
    assert deadlines.database_seconds() is None


def wait(seconds: float, clock: ManualClock) -> None:
    with deadlines.waiting():
        clock.now += seconds


def test_request_that_computed_for_a_minute_may_wait_for_one_second(clock: ManualClock) -> None:
    with deadlines.running(Budget(calls=2.5, database=3)):
        clock.now += 60
        assert deadlines.call_seconds(4.5) == 1
        assert deadlines.database_seconds() == 1
        wait(2.25, clock)
        assert deadlines.call_seconds(4.5) == 0.25
        assert deadlines.database_seconds() == 0.75
        wait(0.75, clock)
        assert deadlines.call_seconds(4.5) == 0
        assert deadlines.database_seconds() == 0


def test_waits_of_a_part_count_for_the_whole_request(clock: ManualClock) -> None:
    with deadlines.running(Budget(calls=2, database=2)):
        with deadlines.running(Budget(calls=5, database=5)):
            wait(1.5, clock)
        assert deadlines.call_seconds(1) == 0.5


def test_part_of_a_request_ends_no_later_than_the_whole_request(clock: ManualClock) -> None:
    with deadlines.running(Budget(calls=1, database=1)):
        with deadlines.running(Budget(calls=5, database=0.5)):
            assert deadlines.call_seconds(9) == 1
            assert deadlines.database_seconds() == 0.5
        assert deadlines.database_seconds() == 1


def test_budget_belongs_to_one_thread() -> None:
    seen: list[float | None] = []
    with deadlines.running(Budget(calls=1, database=1)):
        thread = threading.Thread(target=lambda: seen.append(deadlines.database_seconds()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_work_that_hangs_raises_after_its_deadline() -> None:
    let_go = threading.Event()
    with ends_within(10), pytest.raises(deadlines.OutOfTime):
        deadlines.run_within(0.1, lambda: let_go.wait(30), name="test")
    let_go.set()


def test_caller_gets_the_result_or_the_exception_of_the_work() -> None:
    assert deadlines.run_within(5, lambda: None, name="test") is None
    with pytest.raises(ZeroDivisionError):
        deadlines.run_within(5, lambda: 1 // 0, name="test")
