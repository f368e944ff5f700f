"""All time limits of a request in one table, and the clock that applies them.

The promises come first. Each request gets a *budget* when it starts
(project.middleware.request_deadline), and every wait of the request takes what is left of it: a
call of Cognito, a connection, a statement, a lock. A request that makes five calls therefore takes
no longer than one that makes a single call. The limits of single waits below only decide how the
budget is shared.

Code that runs outside a request, such as `manage.py migrate`, has no budget: its statements may
take as long as they need. The limits of single calls hold there as well.

docs/security.md says what these numbers mean for PostgreSQL, SQLite and Cognito.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

T = TypeVar("T")


class Budget(NamedTuple):
    """How many seconds after its start a request may still wait.

    Attributes:
        calls: for Cognito and for AWS credentials.
        database: for the database. Later than `calls`, because the outcome of a call that failed
            has to be recorded.
    """

    calls: float
    database: float


# --- Promises -------------------------------------------------------------------------------------

# Any answer while a dependency is down, slow, frozen or locked.
ANSWER_SECONDS: Final = 3.0
# A sign-in makes several calls, and it cannot be repeated: the code is spent.
SIGN_IN_ANSWER_SECONDS: Final = 8.0
# From the revocation of a token until every process refuses it.
REVOKED_SECONDS: Final = 10.0

# --- What a request may wait for in all -----------------------------------------------------------

REQUEST: Final = Budget(calls=2.2, database=2.6)
SIGN_IN: Final = Budget(calls=7.0, database=7.4)

# Each check of /readyz.
HEALTH: Final = Budget(calls=1.1, database=1.1)

# The check whether a kept connection to the database still works. Django also makes it after the
# answer.
USABLE: Final = Budget(calls=0, database=1.0)

# --- Single waits ---------------------------------------------------------------------------------

# One call of the user pool's API: name look-up, connection, TLS and the whole answer. Triggers of
# the pool run inside it, and Cognito gives each of them 5 s.
POOL_CALL_SECONDS: Final = 4.5
# The first call of a request whose second call must be made even if the first one hangs.
SHARED_CALL_SECONDS: Final = 1.1
# The hosted UI's token endpoint, which leaves time to fetch the key set.
TOKEN_CALL_SECONDS: Final = 4.5
# The key set. 1.5 s was too short from a Lambda function (aws-jwt-verify, issue 72).
KEY_SET_SECONDS: Final = 2.2
# A line of the dashboard does not justify a longer wait.
HEALTH_CALL_SECONDS: Final = 1.0
# A page of bulk actions starts no further action after this time.
BULK_SECONDS: Final = 1.0

# A statement or a lock, and a connection, of a request.
DATABASE_SECONDS: Final = 2.6
# Asking PostgreSQL to stop a statement that took too long.
CANCEL_SECONDS: Final = 0.15
# libpq's own limit for each address of the server, in whole seconds; psycopg takes no fewer than 2.
CONNECT_SECONDS: Final = 2
# How long PostgreSQL may leave what was sent unacknowledged. This holds outside requests as well.
UNACKNOWLEDGED_SECONDS: Final = 2.5
# How long SQLite waits for another writer outside a request.
SQLITE_COMMAND_SECONDS: Final = 10

# What a request gets for a wait if it has used up its time by computing and not by waiting. The
# first requests of a process on a small Lambda function compute for seconds.
GRACE_SECONDS: Final = 1.0

# How often a process asks for new revocations.
REVOCATION_PULL_SECONDS: Final = 5.0

# --- What the sums below need ---------------------------------------------------------------------

# To record the outcome of a call that failed.
_RECORDING_SECONDS = 0.4
# To parse, decide and render, on a busy machine.
_OWN_WORK_SECONDS = 0.2


def check_sums() -> None:
    """Raise ValueError for limits that break the promise of an answer in time."""
    after_that = CANCEL_SECONDS + _OWN_WORK_SECONDS
    sums = {
        "an answer": (REQUEST.database + after_that, ANSWER_SECONDS),
        "a sign-in": (SIGN_IN.database + after_that, SIGN_IN_ANSWER_SECONDS),
        "recording a failed call": (REQUEST.calls + _RECORDING_SECONDS, REQUEST.database),
        "recording a failed sign-in": (SIGN_IN.calls + _RECORDING_SECONDS, SIGN_IN.database),
        "two checks of /readyz": (HEALTH.calls + HEALTH.database, REQUEST.calls),
        "two calls that share": (2 * SHARED_CALL_SECONDS, REQUEST.calls),
        "a browser's sign-in": (TOKEN_CALL_SECONDS + KEY_SET_SECONDS, SIGN_IN.calls),
        "a password's sign-in": (POOL_CALL_SECONDS + KEY_SET_SECONDS, SIGN_IN.calls),
        "a key set": (KEY_SET_SECONDS, REQUEST.calls),
        "one database wait": (DATABASE_SECONDS, REQUEST.database),
        "a revocation": (REVOCATION_PULL_SECONDS + DATABASE_SECONDS, REVOKED_SECONDS),
    }
    # Floating-point sums are not exact.
    broken = [name for name, (needed, given) in sums.items() if needed > given + 1e-9]
    if broken:
        raise ValueError(f"These time limits exceed what they are part of: {', '.join(broken)}.")


check_sums()

# --- The clock ------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False, repr=False)
class _Clock:
    """The running time of a request, or of a part of one, which has the clock of the whole."""

    budget: Budget
    started_at: float
    outer: _Clock | None
    waited: float = 0.0


_running: ContextVar[_Clock | None] = ContextVar("request_clock", default=None)


@contextmanager
def running(budget: Budget) -> Iterator[None]:
    """Run the `with` block under a budget: a request, or a part that ends no later than it."""
    reset_to = _running.set(_Clock(budget, time.monotonic(), outer=_running.get()))
    try:
        yield
    finally:
        _running.reset(reset_to)


@contextmanager
def waiting() -> Iterator[None]:
    """Count the duration of the `with` block as time that the request has waited."""
    began = time.monotonic()
    try:
        yield
    finally:
        took, clock = time.monotonic() - began, _running.get()
        while clock is not None:
            clock.waited += took
            clock = clock.outer


def call_seconds(limit: float, *, reserved: float = 0.0) -> float:
    """Return how long a call may take: the smaller of `limit` and what the request has left.

    Args:
        reserved: seconds of the request that a later call must find left.
    """
    return _left(limit, lambda budget: budget.calls - reserved)


def database_seconds() -> float | None:
    """Return how long a wait for the database may take; None if there is no limit."""
    if _running.get() is None:
        return None
    return _left(DATABASE_SECONDS, lambda budget: budget.database)


def _left(limit: float, part: Callable[[Budget], float]) -> float:
    now, clock = time.monotonic(), _running.get()
    while clock is not None:
        seconds = part(clock.budget)
        by_the_clock = clock.started_at + seconds - now
        by_its_waits = min(GRACE_SECONDS, seconds - clock.waited)
        limit = min(limit, max(by_the_clock, by_its_waits))
        clock = clock.outer
    return max(0.0, limit)


class OutOfTime(Exception):
    """Work that `run_within` gave up. The thread that does it may still be running."""


class OutOfThreads(Exception):
    """Work that `run_within` could not start, because work that hangs may hold all threads."""


def run_within(seconds: float, work: Callable[[], T], *, name: str) -> T:
    """Run `work`, which cannot be interrupted, in a thread of its own, and wait for its result.

    Raises:
        OutOfTime: there is no result after `seconds`.
        OutOfThreads: the thread could not be started.
    """
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 # raised again in the thread that waits
            failures.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise OutOfThreads(str(error)) from error
    with waiting():
        thread.join(seconds)
    if failures:
        raise failures[0]
    if not results:
        raise OutOfTime
    return results[0]
