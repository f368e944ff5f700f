"""The signature of a request: who sent it, when, and that it was not changed.

The header has five parts, separated by spaces: the version, the id of the key, the time in seconds
since 1970, a nonce, and the HMAC-SHA256 of `VERSION KEY TIME NONCE` and a line feed, followed by
the body. A key is for one site only, so that a request to one site is worth nothing at another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

HEADER = "HTTP_X_GATEHOUSE_SIGNATURE"
# How far the clocks of the two sides may differ.
CLOCK_SECONDS = 60

_HEADER = re.compile(
    r"(v1 ([A-Za-z0-9._-]{1,40}) ([0-9]{10,11}) ([0-9a-f]{32,64})) ([0-9a-f]{64})", re.ASCII
)
_MAXIMUM_CHARACTERS = 256


class Refused(Exception):
    """The signature is missing, malformed or wrong. The sender has no key and learns nothing."""


@dataclass(frozen=True)
class Signed:
    """What a valid signature says. `time` may still be too early or too late."""

    key_id: str
    time: int
    nonce: str

    def clock_difference(self, now: float) -> int:
        """Return the seconds by which the sender's clock differs; above 0 if it is ahead."""
        return self.time - int(now)


def verify(header: str, body: bytes, keys: Mapping[str, bytes]) -> Signed:
    """Return what the header says. Raises Refused."""
    if len(header) > _MAXIMUM_CHARACTERS:
        raise Refused
    found = _HEADER.fullmatch(header)
    if found is None:
        raise Refused
    key = keys.get(found[2])
    # An unknown key takes as long as a known one.
    expected = hmac.new(key or b"none", found[1].encode() + b"\n" + body, hashlib.sha256)
    is_right = hmac.compare_digest(expected.hexdigest(), found[5])
    if key is None or not is_right:
        raise Refused
    return Signed(found[2], int(found[3]), found[4])
