"""Tokens that were verified before, so that the next request with one need not do it again."""

from __future__ import annotations

from hashlib import sha256

from cognito.tokens.claims import Claims
from cognito.tokens.key_source import KeySource

_Entries = dict[bytes, tuple[Claims, KeySource, int]]

# Copying it takes a quarter less time than setting up a hash anew.
_NOTHING_HASHED = sha256()


class TokenCache:
    """Tokens that passed, by digest: the tokens themselves are not kept.

    At least the last `size // 2` of them and at most `size`. A token is forgotten when it expires,
    and when the keys of its issuer change: it may have been signed with one that was withdrawn.
    Only verified tokens get in, so that nobody without one can push others out. Safe to use from
    many threads at once.
    """

    def __init__(self, size: int) -> None:
        self._half = max(size // 2, 1)
        # Two halves, the older of which goes as a whole: to keep all in one order costs each new
        # token as much as its claims do. No lock: threads that find a half full at once put one
        # token too many into it each, or drop the older half a little sooner.
        self._young: _Entries = {}
        self._old: _Entries = {}

    @staticmethod
    def digest(token: bytes) -> bytes:
        """What a token is known by here."""
        digest = _NOTHING_HASHED.copy()
        digest.update(token)
        return digest.digest()

    def get(self, digest: bytes, now: float) -> Claims | None:
        """The claims of a token that is still good at `now`, in seconds since 1970."""
        entry = self._young.get(digest) or self._old.get(digest)
        if entry is None:
            return None
        claims, keys, generation = entry
        if now >= claims.expires_at or keys.current_generation() != generation:
            self._young.pop(digest, None)
            self._old.pop(digest, None)
            return None
        return claims

    def put(self, digest: bytes, claims: Claims, *, keys: KeySource, generation: int) -> None:
        """Remember a token. `generation` is that of `keys` *before* the key was asked for."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[digest] = (claims, keys, generation)
