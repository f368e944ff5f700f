"""Refresh token rotation, which MiniStack does not have.

A family is what grows out of one sign-in: the refresh token that MiniStack issued, and the ones
that took its place one after the other. Only the latest may be exchanged, and for a grace period
the one before it, because the answer may have been lost. Anything older was stolen, from the app or
by it: the family ends (RFC 9700, section 4.14.2).

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MAXIMUM = 10_000


class Reused(Exception):
    """A refresh token that has been replaced for longer than the grace period."""


@dataclass
class _Family:
    client_id: str
    original: str
    latest: str
    # Token -> when it was replaced.
    replaced: dict[str, float] = field(default_factory=dict)


class Families:
    """All families since this process began: a restart forgets them, and their later tokens."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_token: dict[str, _Family] = {}
        self._families: dict[str, _Family] = {}

    def original(self, token: str, client_id: str) -> str:
        """What MiniStack knows this client's token as; the token itself where none was replaced."""
        with self._lock:
            family = self._by_token.get(token)
            return family.original if family and family.client_id == client_id else token

    def check(self, token: str, client_id: str, *, grace_seconds: float) -> None:
        """Raises Reused."""
        with self._lock:
            self._check(token, client_id, grace_seconds)

    def replace(self, token: str, client_id: str, *, grace_seconds: float) -> str:
        """The token to go on with. A retry gets the same as what it repeats. Raises Reused."""
        with self._lock:
            self._check(token, client_id, grace_seconds)
            family = self._by_token.get(token) or self._begin(token, client_id)
            if token == family.latest:
                family.replaced[token] = self._clock()
                family.latest = secrets.token_urlsafe(48)
                self._by_token[family.latest] = family
            return family.latest

    def forget(self, original: str) -> None:
        with self._lock:
            self._forget(original)

    def _begin(self, token: str, client_id: str) -> _Family:
        while len(self._families) >= MAXIMUM:
            self._forget(next(iter(self._families)))
        family = _Family(client_id, original=token, latest=token)
        self._families[token] = self._by_token[token] = family
        return family

    def _forget(self, original: str) -> None:
        family = self._families.pop(original, None)
        if family:
            for token in (*family.replaced, family.latest):
                self._by_token.pop(token, None)

    def _check(self, token: str, client_id: str, grace_seconds: float) -> None:
        family = self._by_token.get(token)
        if family is None or family.client_id != client_id or token == family.latest:
            return
        if self._clock() - family.replaced[token] > grace_seconds:
            raise Reused
