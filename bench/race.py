"""Time contestants in turns, so that other load on the machine slows all of them equally.

The times are those of the processor, without the time in which it runs other programs.
"""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import thread_time_ns

# The share of a turn that is not timed. After other work, a processor spends as much time on
# loading a program into its caches as on running it. A server in production repeats the same work.
WARM_UP = 0.2


@dataclass(frozen=True)
class Contestant:
    """A function that handles one token.

    `beforehand` is called with every token of a turn before the timing begins.
    """

    name: str
    work: Callable[[str], object]
    beforehand: Callable[[str], object] | None = None


@dataclass(frozen=True)
class Budget:
    """The maximum time of a contestant, as a ratio to that of its rival in the same race."""

    contestant: str
    rival: str
    limit: float


@dataclass(frozen=True)
class Results:
    """The microseconds of a call, by contestant and round. The first contestant is the baseline."""

    times: Mapping[str, Sequence[float]]

    @property
    def names(self) -> list[str]:
        return list(self.times)

    def microseconds(self, name: str) -> float:
        """Return the median of all rounds."""
        return statistics.median(self.times[name])

    def ratio(self, name: str, rival: str | None = None) -> float:
        """Return the median of the ratios of all rounds, to the baseline or to a rival."""
        theirs = self.times[rival or self.names[0]]
        return statistics.median(
            mine / other for mine, other in zip(self.times[name], theirs, strict=True)
        )

    def is_within(self, budget: Budget) -> bool:
        """Return whether the contestant is within the budget."""
        return self.ratio(budget.contestant, budget.rival) <= budget.limit


def race(contestants: Sequence[Contestant], batches: Sequence[Sequence[str]]) -> Results:
    """Run one round for each batch of tokens, in a random order of the contestants.

    All contestants get the same batch, whose tokens are new to all of them. The ratio of a round
    compares turns that are milliseconds apart. The first tokens of a turn, a share of WARM_UP, are
    not timed: they refill the caches of the processor.
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
    return Results(times)


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
    start = thread_time_ns()
    for token in timed:
        work(token)
    return (thread_time_ns() - start) / len(timed) / 1000
