"""Attempt counters: each operation changes its own counter and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from accounts import process
from accounts.metrics.declared import LIMITS_HIT
from accounts.models import AttemptCounter
from accounts.rate_limits.counters import Counter, Limit, _aware
from accounts.rate_limits.limits import (
    AccountLimitReached,
    LimitReached,
    Throttle,
    count_attempt,
    count_target,
)
from cognito.errors import CodeMismatch, TransportError

pytestmark = pytest.mark.django_db

LIMIT = Limit(2, 60)
MOMENT = datetime(2026, 11, 28, 20, tzinfo=UTC)
THROTTLE = Throttle("code", per_account=Limit(2, 60), per_address=Limit(3, 60))
ADA, BOB = Counter("code of", "ada"), Counter("code of", "bob")
ADDRESS = Counter("code from", "203.0.113.7")


def use_up(counter: Counter) -> None:
    for _ in range(LIMIT.attempts):
        assert counter.count(LIMIT) == 0


def counts() -> dict[str, int]:
    names = {ADA.key: "ada", BOB.key: "bob", ADDRESS.key: "address"}
    return {names[row.key]: row.count for row in AttemptCounter.objects.all()}


def attempt(account: str = "ada", *, succeeds: bool = False, fails_with: str = "") -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    with count_attempt(request, THROTTLE, account=account) as counted:
        if fails_with:
            raise TransportError(reason=fails_with)
        if succeeds:
            counted.succeeded()


def test_forgetting_the_attempts_of_one_account_leaves_another_limited() -> None:
    use_up(ADA)
    use_up(BOB)
    ADA.forget()
    assert BOB.count(LIMIT) > 0
    assert ADA.count(LIMIT) == 0


def test_taking_back_an_attempt_changes_only_its_own_counter() -> None:
    use_up(ADA)
    use_up(BOB)
    ADA.take_back()
    assert counts() == {"ada": 1, "bob": 2}
    assert BOB.count(LIMIT) > 0
    assert ADA.count(LIMIT) == 0


def test_reached_limit_is_counted_with_its_purpose() -> None:
    use_up(ADA)
    before = process.current.metrics.totals()
    assert not [series for series in before if series[0] is LIMITS_HIT]
    assert ADA.count(LIMIT) > 0
    assert process.current.metrics.totals()[LIMITS_HIT, "code of"] == [1.0]


def test_taking_back_more_attempts_than_there_were_leaves_none() -> None:
    ADA.count(LIMIT)
    ADA.take_back()
    ADA.take_back()
    assert counts() == {"ada": 0}


def test_refused_attempt_waits_until_the_window_closes_and_at_least_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = timezone.now()
    monkeypatch.setattr("accounts.rate_limits.counters.timezone.now", lambda: moment)
    use_up(ADA)
    assert ADA.count(LIMIT) == LIMIT.seconds
    moment += timedelta(seconds=LIMIT.seconds - 0.5)
    assert ADA.count(LIMIT) == 1


def test_success_of_one_account_leaves_the_attempts_of_the_address_and_of_other_accounts() -> None:
    attempt("bob")
    attempt("ada")
    attempt("ada", succeeds=True)
    # The two failures count for the address. The success does not.
    assert counts() == {"bob": 1, "address": 2}


def test_outage_takes_back_one_attempt_of_the_account_and_of_the_address() -> None:
    attempt("bob")
    attempt("ada")
    with pytest.raises(TransportError):
        attempt("ada", fails_with="timeout")
    assert counts() == {"ada": 1, "bob": 1, "address": 2}


def test_limited_account_does_not_use_up_the_attempts_of_its_address() -> None:
    attempt("ada")
    attempt("ada")
    for _ in range(3):
        with pytest.raises(AccountLimitReached):
            attempt("ada")
    assert counts()["address"] == 2
    attempt("bob")
    with pytest.raises(LimitReached):
        attempt("bob")
    assert counts()["bob"] == 1, (
        "an attempt that the address limit refuses does not count for the account"
    )


def test_purposes_are_counted_separately() -> None:
    use_up(Counter("sign-in of", "ada"))
    assert Counter("code of", "ada").count(LIMIT) == 0
    # The key separates the purpose from the account.
    assert Counter("code of", "ada").key != Counter("code ofa", "da").key


def test_counter_is_counted_only_by_its_own_attempts_and_until_its_window_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = timezone.now()
    monkeypatch.setattr("accounts.rate_limits.counters.timezone.now", lambda: moment)
    assert not ADA.is_counted()
    BOB.count(LIMIT)
    assert not ADA.is_counted()
    ADA.count(LIMIT)
    assert ADA.is_counted()
    ADA.take_back()
    assert not ADA.is_counted()
    ADA.count(LIMIT)
    moment += timedelta(seconds=LIMIT.seconds - 1)
    assert ADA.is_counted()
    moment += timedelta(seconds=1)
    assert not ADA.is_counted()


def test_messages_to_one_target_do_not_count_for_another() -> None:
    for _ in range(THROTTLE.per_account.attempts):
        with count_target(THROTTLE, "ada"):
            pass
    sent = []
    with pytest.raises(AccountLimitReached), count_target(THROTTLE, "ada"):
        sent.append("ada")
    with count_target(THROTTLE, "bob"):
        sent.append("bob")
    assert sent == ["bob"]


@pytest.mark.parametrize("error", [TransportError(reason="timeout"), CodeMismatch()])
def test_message_that_was_not_sent_does_not_count(error: Exception) -> None:
    for _ in range(THROTTLE.per_account.attempts + 1):
        with pytest.raises(type(error)), count_target(THROTTLE, "ada"):
            raise error
    assert counts() == {"ada": 0}


@pytest.mark.parametrize("target", ["", None])
def test_message_without_a_target_is_not_counted(target: str | None) -> None:
    for _ in range(THROTTLE.per_account.attempts + 1):
        with count_target(THROTTLE, target):
            pass
    assert counts() == {}


def test_wait_is_that_of_the_next_attempt_and_counts_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = timezone.now()
    monkeypatch.setattr("accounts.rate_limits.counters.timezone.now", lambda: moment)
    BOB.count(LIMIT)
    BOB.count(LIMIT)
    assert ADA.wait(LIMIT) == 0
    ADA.count(LIMIT)
    assert ADA.wait(LIMIT) == 0
    ADA.count(LIMIT)
    assert ADA.wait(LIMIT) == LIMIT.seconds
    assert counts() == {"ada": 2, "bob": 2}
    moment += timedelta(seconds=LIMIT.seconds - 0.5)
    assert ADA.wait(LIMIT) == 1
    moment += timedelta(seconds=0.5)
    assert ADA.wait(LIMIT) == 0


def test_window_that_a_clock_in_the_future_opened_is_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = timezone.now()
    monkeypatch.setattr("accounts.rate_limits.counters.timezone.now", lambda: moment)
    use_up(ADA)
    # The clocks of two processes may differ by a minute.
    moment -= timedelta(seconds=60)
    assert ADA.wait(LIMIT) == LIMIT.seconds + 60
    moment -= timedelta(seconds=1)
    assert ADA.wait(LIMIT) == 0
    assert ADA.count(LIMIT) == 0


def test_lock_of_a_counter_is_a_row_that_a_transaction_has_written() -> None:
    AttemptCounter.objects.all().delete()
    with ADA.locked():
        row = AttemptCounter.objects.get(key=ADA.key)
        assert connection.in_atomic_block
    assert timedelta(seconds=55) < row.expires_at - timezone.now() <= timedelta(seconds=60)
    with pytest.raises(ZeroDivisionError), BOB.locked():
        raise ZeroDivisionError
    assert not AttemptCounter.objects.filter(key=BOB.key).exists()


@pytest.mark.parametrize("value", ["2026-11-28 20:00:00", MOMENT.replace(tzinfo=None), MOMENT])
def test_time_from_either_database_is_aware(value: datetime | str) -> None:
    """SQLite returns text or a time without a zone, and PostgreSQL a time with one."""
    assert _aware(value) == MOMENT
