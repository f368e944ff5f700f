"""A cache of verified tokens, so that each is verified only once."""

from __future__ import annotations

from hmac import compare_digest

from cognito.tokens.claims import Claims
from cognito.tokens.key_source import KeySource

_Entries = dict[bytes, tuple[bytes, Claims, KeySource, int]]


class TokenCache:
    """The claims of verified tokens, by the digest of the signing input.

    Of the text of a token, it keeps only the signature, which is worth nothing by itself.

    The cache holds at least the last `size // 2` tokens and at most `size`. It drops a token when
    the token expires, and when the keys of its issuer change, because its key may have been
    withdrawn. Only verified tokens are stored, so an attacker without tokens cannot displace any.
    Safe to use from several threads.
    """

    def __init__(self, size: int) -> None:
        self._half = max(size // 2, 1)
        # Two halves, the older of which is dropped as a whole. Keeping all entries in order would
        # cost each new token as much time as its claims do. A lock is not needed: threads that
        # find a half full at the same time exceed it by one entry each, or drop the older half a
        # little early.
        self._young: _Entries = {}
        self._old: _Entries = {}

    def get(self, digest: bytes, signature: bytes, now: float) -> Claims | None:
        """Return the claims of a token that is valid at `now` (Unix time in seconds), or None."""
        entry = self._young.get(digest) or self._old.get(digest)
        if entry is None:
            return None
        verified_signature, claims, keys, generation = entry
        # The time of an ordinary comparison would tell how many bytes are right.
        if not compare_digest(verified_signature, signature):
            return None
        if now >= claims.expires_at or keys.current_generation() != generation:
            self._young.pop(digest, None)
            self._old.pop(digest, None)
            return None
        return claims

    def put(
        self, digest: bytes, signature: bytes, claims: Claims, keys: KeySource, generation: int
    ) -> None:
        """Store a verified token. `generation` is that of `keys` *before* its key was looked up."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[digest] = (signature, claims, keys, generation)
