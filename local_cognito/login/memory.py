"""What the local hosted UI remembers, in memory, until it stops."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

# Enough for one developer. Above it, the oldest entries are removed.
MAXIMUM = 1000


@dataclass(frozen=True)
class Credentials:
    """The user name and password of a signed-in user, or of one who has just signed up.

    Cognito does not keep a password. The stand-in must, because MiniStack issues tokens with the
    nonce of another app only in exchange for the password.
    """

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Challenge:
    """A challenge that the user must answer after a correct password.

    Attributes:
        kind: NEW_PASSWORD_REQUIRED, SOFTWARE_TOKEN_MFA or MFA_SETUP, as in the user pool's API.
        pool_session: the session that the pool expects with the answer.
        access_token, secret: of MFA_SETUP, to register the authenticator app and to show.
    """

    kind: str
    credentials: Credentials
    pool_session: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    attempts: int = 0


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
