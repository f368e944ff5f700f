"""Simulate the renewals of many browser sessions, with the product's own rules.

Time is simulated; when a session is due, when it asks again and when it ends is decided by
`accounts.sessions.renewal`. Cognito is a number of calls a second: it refuses all above it.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import BrowserSession

# Each user opens a page, or a page asks for data, this often on average.
SECONDS_BETWEEN_REQUESTS = 10.0
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Outcome:
    """What happened during a simulation.

    Attributes:
        renewed: renewals in each second.
        refused: calls that Cognito refused or did not answer, in each second.
        signed_out: sessions that ended because they could not be renewed for 15 minutes.
        ages: seconds between two renewals of a session.
    """

    sessions: int
    seconds: int
    renewed: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    signed_out: int = 0
    ages: list[float] = field(default_factory=list)

    @property
    def calls(self) -> Counter[int]:
        return self.renewed + self.refused

    @property
    def busiest_second(self) -> int:
        return max(self.calls.values(), default=0)

    @property
    def mean_age(self) -> float:
        return sum(self.ages) / max(len(self.ages), 1)


def simulate(
    sessions: int,
    *,
    quota: float,
    seconds: int,
    outage: tuple[int, int] = (0, 0),
    together: bool = False,
) -> Outcome:
    """Return what happens to sessions that are in use for some time.

    Args:
        quota: renewals a second that Cognito allows.
        outage: the seconds between which Cognito does not answer.
        together: whether all sessions are due at the beginning, as after an outage of the
            application itself.
    """
    from django.conf import settings  # noqa: PLC0415 - as above

    from accounts.models import BrowserSession  # noqa: PLC0415 - Django must be set up

    chance = random.Random(20)  # noqa: S311 - no secret
    due = settings.COGNITO_RENEW_SECONDS
    outcome = Outcome(sessions, seconds)
    waiting: list[tuple[float, int]] = []
    rows = []
    for number in range(sessions):
        age = due if together else chance.uniform(0, due)
        rows.append(BrowserSession(renewed_at=_START - timedelta(seconds=age)))
        waiting.append((chance.uniform(0, SECONDS_BETWEEN_REQUESTS), number))
    heapq.heapify(waiting)
    while waiting and waiting[0][0] < seconds:
        moment, number = heapq.heappop(waiting)
        if _request(rows[number], moment, outcome, quota, outage):
            heapq.heappush(
                waiting, (moment + chance.expovariate(1 / SECONDS_BETWEEN_REQUESTS), number)
            )
    return outcome


def _request(
    row: BrowserSession, moment: float, outcome: Outcome, quota: float, outage: tuple[int, int]
) -> bool:
    """Let a session send a request. Return whether it is still signed in."""
    from accounts.sessions import renewal  # noqa: PLC0415 - as above

    now, second = _START + timedelta(seconds=moment), int(moment)
    if not renewal.is_due(row, now):
        return True
    is_down = outage[0] <= moment < outage[1]
    if not is_down and outcome.renewed[second] < quota:
        outcome.renewed[second] += 1
        outcome.ages.append((now - row.renewed_at).total_seconds())
        row.renewed_at, row.failing_since, row.ask_again_at = now, None, None
        return True
    outcome.refused[second] += 1
    if renewal.note_failure(row, now, is_throttled=not is_down):
        outcome.signed_out += 1
        return False
    return True
