"""base64url without padding, decoded strictly (RFC 4648 section 5, RFC 7515 section 2)."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

# Characters that base64 has and base64url lacks become one that neither alphabet contains.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_FROM_STANDARD = bytes.maketrans(b"+/", b"-_")
# Both are indexed by the length of the last group, which is 0 if all groups are full. A group of 1
# is invalid. The last character of a group of 2 has 4 unused bits, that of a group of 3 has 2. They
# must be 0.
_CANONICAL_ENDS = (bytes(range(256)), b"", b"AQgw", b"AEIMQUYcgkosw048")
_PADDING = (b"", b"", b"==", b"=")


def decode(encoded: bytes) -> bytes:
    """Return the decoded bytes. Raises ValueError unless `encoded` is their canonical encoding.

    The standard library skips characters outside the alphabet, takes padding, and drops unused bits
    that are not zero, so that one value would have many encodings.
    """
    last_group = len(encoded) % 4
    if encoded[-1:] not in _CANONICAL_ENDS[last_group]:
        raise ValueError("not canonical base64url")
    try:
        return a2b_base64(encoded.translate(_TO_STANDARD) + _PADDING[last_group], strict_mode=True)
    except Error:
        raise ValueError("not base64url") from None


def encode(decoded: bytes) -> bytes:
    """Return the encoding of `decoded`, without padding."""
    return b2a_base64(decoded, newline=False).translate(_FROM_STANDARD).rstrip(b"=")
