"""base64url without padding, decoded strictly (RFC 4648 section 5, RFC 7515 section 2)."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

# What base64 has and base64url has not becomes a character that neither has.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_FROM_STANDARD = bytes.maketrans(b"+/", b"-_")
# The last character of a group of 2 carries 4 bits that are not used, that of a group of 3 two.
_CANONICAL_ENDS = {2: b"AQgw", 3: b"AEIMQUYcgkosw048"}
# By the length of the last group; a group of 1 has no canonical end.
_PADDING = (b"", b"", b"==", b"=")


def decode(encoded: bytes) -> bytes:
    """The bytes that `encoded` stands for. Raises ValueError unless it is their one encoding.

    The standard library skips characters outside the alphabet, takes padding, and drops unused bits
    that are not zero, so that one value has many spellings.
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
    """The encoding of `decoded`, without padding."""
    return b2a_base64(decoded, newline=False).translate(_FROM_STANDARD).rstrip(b"=")
