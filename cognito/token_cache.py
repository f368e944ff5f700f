"""Tokens that were verified before, so that the next request with one need not do it again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256

from cognito.claims import Claims
from cognito.key_source import KeySource

# Copying it takes a quarter less time than setting up a hash anew.
_NOTHING_HASHED = sha256()


class TokenCache:
    """The last `size` tokens that passed, by digest: the tokens themselves are not kept.

    A token is forgotten when it expires, and when the keys of its issuer change: it may have been
    signed with one that was withdrawn. Only verified tokens get in, so that nobody without one can
    push others out. Safe to use from many threads at once.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        # Not a dict: deleting from its front leaves gaps that the next search for the front walks.
        self._entries: OrderedDict[bytes, tuple[Claims, KeySource, int]] = OrderedDict()

    @staticmethod
    def digest(token: bytes) -> bytes:
        """What a token is known by here."""
        digest = _NOTHING_HASHED.copy()
        digest.update(token)
        return digest.digest()

    def get(self, digest: bytes, now: float) -> Claims | None:
        """The claims of a token that is still good at `now`, in seconds since 1970."""
        entry = self._entries.get(digest)
        if entry is None:
            return None
        claims, keys, generation = entry
        if now >= claims.expires_at or keys.current_generation() != generation:
            with self._lock:
                self._entries.pop(digest, None)
            return None
        return claims

    def put(self, digest: bytes, claims: Claims, *, keys: KeySource, generation: int) -> None:
        """Remember a token. `generation` is that of `keys` *before* the key was asked for."""
        with self._lock:
            self._entries[digest] = (claims, keys, generation)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)
