from __future__ import annotations

import gc
from collections import Counter

import pytest

from bench.race import Budget, Contestant, Results, race

BATCHES = [[f"{turn}-{n}" for n in range(5)] for turn in range(9)]


def spin(times: int) -> None:
    for _ in range(times):
        pass


def test_every_contestant_handles_every_token_once() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    contestants = [
        Contestant(name, lambda token, name=name: seen.update([(name, token)]))  # type: ignore[misc] # a default binds the name
        for name in ("first", "second")
    ]

    race(contestants, BATCHES)

    assert len(seen) == 2 * 45
    assert set(seen.values()) == {1}


def test_preparation_runs_for_each_token_and_is_not_timed() -> None:
    done: list[str] = []

    def prepare(token: str) -> None:
        done.append(f"before {token}")
        spin(1_000_000)

    work = Contestant("work", lambda token: done.append(f"at {token}"), beforehand=prepare)
    results = race([work], [["a", "b"]])

    assert done == ["before a", "before b", "at a", "at b"]
    assert results.microseconds("work") < 1000


def test_contestants_that_prepare_tokens_go_last() -> None:
    known: set[str] = set()
    met: list[bool] = []
    contestants = [
        Contestant("prepares", known.add, beforehand=known.add),
        Contestant("does not", lambda token: met.append(token in known)),
    ]

    race(contestants, BATCHES)

    assert met == [False] * 45


def test_ratios_are_to_the_first_contestant_or_to_a_rival() -> None:
    results = race(
        [
            Contestant("base", lambda _: spin(2000)),
            Contestant("triple", lambda _: spin(6000)),
            Contestant("half", lambda _: spin(1000)),
        ],
        BATCHES,
    )

    assert results.names == ["base", "triple", "half"]
    assert results.ratio("base") == 1
    assert 2 < results.ratio("triple") < 4.5
    assert 0.3 < results.ratio("half") < 0.9
    assert 4 < results.ratio("triple", "half") < 9


def test_ratio_is_the_median_of_the_rounds() -> None:
    # The medians of the times alone would be equal.
    results = Results({"base": [1, 10, 100], "late": [2, 40, 10]})

    assert results.ratio("late") == 2
    assert results.microseconds("late") == 10


def test_failing_contestant_stops_the_race_and_leaves_garbage_collection_on() -> None:
    def fail(token: str) -> object:
        raise AssertionError(token)

    with pytest.raises(AssertionError, match="0-0"):
        race([Contestant("fails", fail)], BATCHES)

    assert gc.isenabled()


@pytest.mark.parametrize(("limit", "is_within"), [(1.5, True), (1.4, True), (1.39, False)])
def test_contestant_is_within_a_budget_up_to_the_budget_itself(
    limit: float, *, is_within: bool
) -> None:
    results = Results({"base": [100], "rival": [10], "late": [14]})

    assert results.is_within(Budget("late", "rival", limit)) is is_within
