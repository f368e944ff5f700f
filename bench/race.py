"""Contestants timed in turns, so that whatever slows the machine slows all of them alike."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

# A processor in service does the same work again and again; one that was just doing something else
# spends as much time on fetching a program as on running it.
WARM_UP = 0.2


@dataclass(frozen=True)
class Contestant:
    """Something that is done with one token.

    `beforehand` is done with every token of a turn before its time is taken. `budget` is the ratio
    to the baseline that is promised, None where nothing is.
    """

    name: str
    work: Callable[[str], object]
    beforehand: Callable[[str], object] | None = None
    budget: float | None = None


@dataclass(frozen=True)
class Result:
    """Medians over the rounds: microseconds of one call, and the ratio to the baseline's."""

    name: str
    microseconds: float
    ratio: float
    budget: float | None

    @property
    def is_within_budget(self) -> bool:
        """True as well where there is no budget."""
        return self.budget is None or self.ratio <= self.budget


def race(contestants: Sequence[Contestant], batches: Sequence[Sequence[str]]) -> list[Result]:
    """One round for each batch of tokens, in an order drawn anew each time.

    The first contestant is the baseline. Every contestant gets the batch's tokens, which none has
    seen before; a round's ratio compares turns that were milliseconds apart. The first
    tokens of a turn, WARM_UP of it, are not timed: they bring back what the others pushed out of
    the processor.
    """
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    order = list(contestants)
    draw = random.Random(0)  # noqa: S311 - an order, not a secret
    gc.collect()
    gc.disable()
    gc.freeze()  # what exists by now need not be walked after each round
    try:
        for batch in batches:
            draw.shuffle(order)
            # Tokens that one of them prepares may be remembered where another must not know them.
            order.sort(key=lambda contestant: contestant.beforehand is not None)
            for contestant in order:
                times[contestant.name].append(_turn(contestant, batch))
            gc.collect()
    finally:
        gc.unfreeze()
        gc.enable()
    baseline = times[contestants[0].name]
    return [
        Result(
            name=contestant.name,
            microseconds=statistics.median(times[contestant.name]),
            ratio=statistics.median(
                mine / base for mine, base in zip(times[contestant.name], baseline, strict=True)
            ),
            budget=contestant.budget,
        )
        for contestant in contestants
    ]


def _turn(contestant: Contestant, batch: Sequence[str]) -> float:
    """Microseconds that one call took, on average over the batch."""
    work = contestant.work
    if contestant.beforehand is not None:
        for token in batch:
            contestant.beforehand(token)
    first = int(len(batch) * WARM_UP)
    for token in batch[:first]:
        work(token)
    timed = batch[first:]
    start = perf_counter_ns()
    for token in timed:
        work(token)
    return (perf_counter_ns() - start) / len(timed) / 1000
