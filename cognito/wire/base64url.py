"""base64url without padding, decoded strictly (RFC 4648 section 5, RFC 7515 section 2)."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

# Characters that base64 has and base64url lacks become one that neither alphabet contains.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_FROM_STANDARD = bytes.maketrans(b"+/", b"-_")
# The last character of a group of 2 has 4 unused bits, that of a group of 3 has 2. They must be 0.
_CANONICAL_ENDS = {2: b"AQgw", 3: b"AEIMQUYcgkosw048"}
# Indexed by the length of the last group. A group of 1 is invalid.
_PADDING = (b"", b"", b"==", b"=")


def decode(encoded: bytes) -> bytes:
    """Return the decoded bytes. Raises ValueError unless `encoded` is their canonical encoding.

    The standard library skips characters outside the alphabet, takes padding, and drops unused bits
    that are not zero, so that one value would have many encodings.
    """
    last_group = len(encoded) % 4
    if last_group and encoded[-1] not in _CANONICAL_ENDS.get(last_group, b""):
        raise ValueError("not canonical base64url")
    padded = encoded.translate(_TO_STANDARD) + _PADDING[last_group]
    try:
        return a2b_base64(padded, strict_mode=True)
    except Error:
        raise ValueError("not base64url") from None


def encode(decoded: bytes) -> bytes:
    """Return the encoding of `decoded`, without padding."""
    return b2a_base64(decoded, newline=False).translate(_FROM_STANDARD).rstrip(b"=")
