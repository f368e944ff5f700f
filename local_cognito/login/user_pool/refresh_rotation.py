"""Rotate refresh tokens, which MiniStack does not.

MiniStack issues one refresh token for each sign-in, and later ones replace it one after the other.
Only the latest may be exchanged, and for a grace period the one before it, because its answer may
have been lost. If an older one is used, it has been stolen, so the sign-in ends (RFC 9700, section
4.14.2).

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
    """A refresh token was used that was replaced before the grace period."""


@dataclass
class _SignIn:
    client_id: str
    original: str
    latest: str
    # Token -> the time when it was replaced.
    replaced: dict[str, float] = field(default_factory=dict)


class RefreshRotation:
    """The sign-ins whose tokens rotated since this process started."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_token: dict[str, _SignIn] = {}
        self._sign_ins: dict[str, _SignIn] = {}

    def original(self, token: str, client_id: str) -> str:
        """Return the token that MiniStack issued at the sign-in of this client's `token`."""
        with self._lock:
            sign_in = self._by_token.get(token)
            return sign_in.original if sign_in and sign_in.client_id == client_id else token

    def check(self, token: str, client_id: str, *, grace_seconds: float) -> None:
        """Raises Reused."""
        with self._lock:
            self._check(token, client_id, grace_seconds)

    def replace(self, token: str, client_id: str, *, grace_seconds: float) -> str:
        """Return the next token. A retry gets the same one again. Raises Reused."""
        with self._lock:
            self._check(token, client_id, grace_seconds)
            sign_in = self._by_token.get(token) or self._begin(token, client_id)
            if token == sign_in.latest:
                sign_in.replaced[token] = self._clock()
                sign_in.latest = secrets.token_urlsafe(48)
                self._by_token[sign_in.latest] = sign_in
            return sign_in.latest

    def forget(self, original: str) -> None:
        with self._lock:
            self._forget(original)

    def _begin(self, token: str, client_id: str) -> _SignIn:
        while len(self._sign_ins) >= MAXIMUM:
            self._forget(next(iter(self._sign_ins)))
        sign_in = _SignIn(client_id, original=token, latest=token)
        self._sign_ins[token] = self._by_token[token] = sign_in
        return sign_in

    def _forget(self, original: str) -> None:
        sign_in = self._sign_ins.pop(original, None)
        if sign_in:
            for token in (*sign_in.replaced, sign_in.latest):
                self._by_token.pop(token, None)

    def _check(self, token: str, client_id: str, grace_seconds: float) -> None:
        sign_in = self._by_token.get(token)
        if sign_in is None or sign_in.client_id != client_id or token == sign_in.latest:
            return
        if self._clock() - sign_in.replaced[token] > grace_seconds:
            raise Reused
