"""Make several calls of Cognito at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Final, TypeVar

from cognito.errors import CognitoError

T = TypeVar("T")

# Enough to hide the time that each call takes. Every call opens a connection of its own.
THREADS: Final = 8


@contextmanager
def in_background(
    calls: Sequence[Callable[[], T]],
) -> Iterator[Callable[[], list[T | CognitoError]]]:
    """Start the calls, and run the `with` block meanwhile. Yield a function that waits for them.

    It returns the result of each call, or its error, in the order of the calls. The calls share the
    time that the request has left, so that they take no longer than one call may take. They must
    not use the database: its connection belongs to the thread of the request.
    """
    with ThreadPoolExecutor(min(THREADS, len(calls) or 1), thread_name_prefix="cognito") as threads:
        # A context carries the deadline of the request. Two threads cannot share one.
        futures = [threads.submit(copy_context().run, _attempt, call) for call in calls]
        yield lambda: [future.result() for future in futures]


def in_parallel(calls: Sequence[Callable[[], T]]) -> list[T | CognitoError]:
    """Wait for the calls at once, and return what `in_background` does."""
    if len(calls) == 1:
        return [_attempt(calls[0])]
    with in_background(calls) as answers:
        return answers()


def _attempt(call: Callable[[], T]) -> T | CognitoError:
    try:
        return call()
    except CognitoError as error:
        return error
