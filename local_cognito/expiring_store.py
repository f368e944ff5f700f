"""A store in memory whose entries expire."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

# Enough for one developer. Above it, the oldest entries are removed.
MAXIMUM = 1000


class ExpiringStore(Generic[Thing]):
    """Entries that expire `seconds` after they were added, each under a secret key."""

    def __init__(self, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        # In the order in which they expire, because all have the same lifetime.
        self._things: dict[str, tuple[float, Thing]] = {}

    def put(self, thing: Thing) -> str:
        """Add an entry. Return its key (256 random bits)."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._prune()
            self._things[key] = (self._clock() + self.seconds, thing)
        return key

    def get(self, key: str) -> Thing | None:
        with self._lock:
            ends_at, thing = self._things.get(key, (0.0, None))
            return thing if self._clock() < ends_at else None

    def pop(self, key: str) -> Thing | None:
        """Return and remove an entry. Only one of two simultaneous callers gets it."""
        with self._lock:
            ends_at, thing = self._things.pop(key, (0.0, None))
            return thing if self._clock() < ends_at else None

    def _prune(self) -> None:
        now = self._clock()
        for key in [key for key, (ends_at, _) in self._things.items() if ends_at <= now]:
            del self._things[key]
        while len(self._things) >= MAXIMUM:
            del self._things[next(iter(self._things))]
