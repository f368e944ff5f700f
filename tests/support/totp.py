"""The codes of an authenticator app (RFC 6238)."""

from __future__ import annotations

import base64
import hmac
import struct
import time


def code_of(secret: str, *, at: float | None = None, steps: int = 0) -> str:
    """Return the code at `at`, in seconds since 1970, plus `steps` of 30 seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = int(time.time() if at is None else at) // 30 + steps
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 0x0F)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


def wrong_code_of(secret: str) -> str:
    """Return a code that is invalid now, one step earlier and one step later."""
    return code_of(secret, steps=1000)
