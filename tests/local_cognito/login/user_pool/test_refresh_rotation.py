from __future__ import annotations

import pytest

from local_cognito.login.user_pool import refresh_rotation
from local_cognito.login.user_pool.refresh_rotation import RefreshRotation, Reused
from tests.support.clock import ManualClock

CLIENT = "client"
GRACE = 10.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1000.0)


@pytest.fixture
def tokens(clock: ManualClock) -> RefreshRotation:
    return RefreshRotation(clock=clock)


def replaced(tokens: RefreshRotation, token: str, client_id: str = CLIENT) -> str:
    return tokens.replace(token, client_id, grace_seconds=GRACE)


def test_each_exchange_returns_another_token_of_the_same_sign_in(tokens: RefreshRotation) -> None:
    second = replaced(tokens, "first")
    third = replaced(tokens, second)
    assert len({"first", second, third}) == 3
    for token in ("first", second, third):
        assert tokens.original(token, CLIENT) == "first"


def test_token_that_was_never_exchanged_is_its_own_original(tokens: RefreshRotation) -> None:
    assert tokens.original("unknown", CLIENT) == "unknown"
    tokens.check("unknown", CLIENT, grace_seconds=0)


def test_retry_within_the_grace_period_gets_the_same_token(
    tokens: RefreshRotation, clock: ManualClock
) -> None:
    second = replaced(tokens, "first")
    clock.now += GRACE
    assert replaced(tokens, "first") == second
    assert replaced(tokens, second) != second, "and that one still works"


def test_retry_gets_the_latest_token(tokens: RefreshRotation) -> None:
    third = replaced(tokens, replaced(tokens, "first"))
    assert replaced(tokens, "first") == third


def test_replaced_token_is_refused_after_the_grace_period(
    tokens: RefreshRotation, clock: ManualClock
) -> None:
    second = replaced(tokens, "first")
    clock.now += GRACE + 0.1
    with pytest.raises(Reused):
        tokens.check("first", CLIENT, grace_seconds=GRACE)
    with pytest.raises(Reused):
        replaced(tokens, "first")
    tokens.check(second, CLIENT, grace_seconds=GRACE)


def test_second_of_two_exchanges_is_refused_without_a_grace_period(
    tokens: RefreshRotation, clock: ManualClock
) -> None:
    tokens.replace("first", CLIENT, grace_seconds=0)
    clock.now += 0.001
    with pytest.raises(Reused):
        tokens.replace("first", CLIENT, grace_seconds=0)


def test_token_of_another_client_is_unknown(tokens: RefreshRotation, clock: ManualClock) -> None:
    second = replaced(tokens, "first")
    clock.now += GRACE + 1
    assert tokens.original(second, "other") == second
    tokens.check("first", "other", grace_seconds=GRACE)


def test_sign_in_is_forgotten_with_all_its_tokens(tokens: RefreshRotation) -> None:
    second = replaced(tokens, "first")
    tokens.forget("first")
    assert tokens.original(second, CLIENT) == second
    tokens.forget("first")


def test_oldest_sign_ins_are_removed_first(
    tokens: RefreshRotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh_rotation, "MAXIMUM", 2)
    seconds = [replaced(tokens, f"first of {number}") for number in range(3)]
    origins = [tokens.original(second, CLIENT) for second in seconds]
    assert origins == [seconds[0], "first of 1", "first of 2"]
