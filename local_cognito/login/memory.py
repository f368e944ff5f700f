"""Things that are kept in memory for a while, found by a secret that a browser has."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

# Plenty for one developer; the oldest make room.
MAXIMUM = 1000


class ExpiringStore(Generic[Thing]):
    """Keeps each thing for `seconds` from the moment it was put in."""

    def __init__(self, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        # In the order of their ends, because all of them live equally long.
        self._things: dict[str, tuple[float, Thing]] = {}

    def put(self, thing: Thing) -> str:
        """Keep it; gives the key that finds it again (256 random bits)."""
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
        """As `get`, and forget it: of two at once, one gets it."""
        with self._lock:
            ends_at, thing = self._things.pop(key, (0.0, None))
            return thing if self._clock() < ends_at else None

    def _prune(self) -> None:
        now = self._clock()
        for key in [key for key, (ends_at, _) in self._things.items() if ends_at <= now]:
            del self._things[key]
        while len(self._things) >= MAXIMUM:
            del self._things[next(iter(self._things))]
