from __future__ import annotations

import pytest

from local_cognito.login.user_pool import refresh_rotation
from local_cognito.login.user_pool.refresh_rotation import Families, Reused

CLIENT = "client"
GRACE = 10.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> Families:
    return Families(clock=clock)


def replaced(tokens: Families, token: str, client_id: str = CLIENT) -> str:
    return tokens.replace(token, client_id, grace_seconds=GRACE)


def test_each_exchange_gives_another_token_of_the_same_origin(tokens: Families) -> None:
    second = replaced(tokens, "first")
    third = replaced(tokens, second)
    assert len({"first", second, third}) == 3
    for token in ("first", second, third):
        assert tokens.original(token, CLIENT) == "first"


def test_a_token_that_was_never_exchanged_is_its_own_origin(tokens: Families) -> None:
    assert tokens.original("unknown", CLIENT) == "unknown"
    tokens.check("unknown", CLIENT, grace_seconds=0)


def test_a_retry_within_the_grace_gets_what_the_lost_answer_had(
    tokens: Families, clock: Clock
) -> None:
    second = replaced(tokens, "first")
    clock.now += GRACE
    assert replaced(tokens, "first") == second
    assert replaced(tokens, second) != second, "and that one still works"


def test_a_retry_gets_the_latest_even_if_that_has_moved_on(tokens: Families) -> None:
    third = replaced(tokens, replaced(tokens, "first"))
    assert replaced(tokens, "first") == third


def test_after_the_grace_a_replaced_token_is_a_stolen_one(tokens: Families, clock: Clock) -> None:
    second = replaced(tokens, "first")
    clock.now += GRACE + 0.1
    with pytest.raises(Reused):
        tokens.check("first", CLIENT, grace_seconds=GRACE)
    with pytest.raises(Reused):
        replaced(tokens, "first")
    tokens.check(second, CLIENT, grace_seconds=GRACE)


def test_without_grace_the_second_of_two_at_once_is_refused(tokens: Families, clock: Clock) -> None:
    tokens.replace("first", CLIENT, grace_seconds=0)
    clock.now += 0.001
    with pytest.raises(Reused):
        tokens.replace("first", CLIENT, grace_seconds=0)


def test_a_token_means_nothing_in_the_hands_of_another_client(
    tokens: Families, clock: Clock
) -> None:
    second = replaced(tokens, "first")
    clock.now += GRACE + 1
    assert tokens.original(second, "other") == second
    tokens.check("first", "other", grace_seconds=GRACE)


def test_a_family_is_forgotten_as_a_whole(tokens: Families) -> None:
    second = replaced(tokens, "first")
    tokens.forget("first")
    assert tokens.original(second, CLIENT) == second
    tokens.forget("first")


def test_the_oldest_families_make_room(tokens: Families, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh_rotation, "MAXIMUM", 2)
    seconds = [replaced(tokens, f"first of {number}") for number in range(3)]
    origins = [tokens.original(second, CLIENT) for second in seconds]
    assert origins == [seconds[0], "first of 1", "first of 2"]
