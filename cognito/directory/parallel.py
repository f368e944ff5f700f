"""Make several calls of Cognito at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar

from cognito.errors import CognitoError

T = TypeVar("T")

# Enough to hide the time that each call takes. Every call opens a connection of its own.
THREADS: Final = 8


def in_parallel(calls: Sequence[Callable[[], T]]) -> list[T | CognitoError]:
    """Return the result of each call, or its error, in the order of the calls.

    The calls share the time that the request has left, so that this takes no longer than one call
    may take. They must not use the database: its connection belongs to the thread of the request.
    """

    def attempt(call: Callable[[], T]) -> T | CognitoError:
        try:
            return call()
        except CognitoError as error:
            return error

    if len(calls) == 1:
        return [attempt(calls[0])]
    with ThreadPoolExecutor(min(THREADS, len(calls) or 1), thread_name_prefix="cognito") as threads:
        # A context carries the deadline of the request. Two threads cannot share one.
        futures = [threads.submit(copy_context().run, attempt, call) for call in calls]
        return [future.result() for future in futures]
