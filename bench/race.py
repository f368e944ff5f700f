"""Time contestants in turns, so that other load on the machine slows all of them equally."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

# The share of a turn that is not timed. After other work, a processor spends as much time on
# loading a program into its caches as on running it. A server in production repeats the same work.
WARM_UP = 0.2


@dataclass(frozen=True)
class Contestant:
    """A function that handles one token.

    `beforehand` is called with every token of a turn before the timing begins. `budget` is the
    maximum ratio to the baseline, or None if there is no maximum.
    """

    name: str
    work: Callable[[str], object]
    beforehand: Callable[[str], object] | None = None
    budget: float | None = None


@dataclass(frozen=True)
class Result:
    """The medians of all rounds: microseconds of one call, and their ratio to the baseline."""

    name: str
    microseconds: float
    ratio: float
    budget: float | None

    @property
    def is_within_budget(self) -> bool:
        """Whether the ratio is within the budget, or there is no budget."""
        return self.budget is None or self.ratio <= self.budget


def race(contestants: Sequence[Contestant], batches: Sequence[Sequence[str]]) -> list[Result]:
    """Run one round for each batch of tokens, in a random order of the contestants.

    The first contestant is the baseline. All contestants get the same batch, whose tokens are new
    to all of them. The ratio of a round compares turns that are milliseconds apart. The first
    tokens of a turn, a share of WARM_UP, are not timed: they refill the caches of the processor.
    """
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    order = list(contestants)
    draw = random.Random(0)  # noqa: S311 - not a secret
    gc.collect()
    gc.disable()
    gc.freeze()  # gc.collect() after each round then skips the objects that exist now
    try:
        for batch in batches:
            draw.shuffle(order)
            # Contestants that prepare tokens go last, because they may share a cache with one that
            # must see the tokens for the first time.
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
    """Return the average time of a call, in microseconds."""
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
