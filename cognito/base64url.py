"""base64url without padding, decoded strictly (RFC 4648 section 5, RFC 7515 section 2)."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_FROM_STANDARD = bytes.maketrans(b"+/", b"-_")


def decode(encoded: bytes) -> bytes:
    """The bytes that `encoded` stands for. Raises ValueError unless it is their one encoding.

    The standard library skips characters outside the alphabet, takes padding, and drops trailing
    bits that are not zero, so that one value has many spellings. Encoding what came out again and
    comparing refuses all of these at once.
    """
    padding = b"=" * (-len(encoded) % 4)
    try:
        decoded = a2b_base64(encoded.translate(_TO_STANDARD) + padding)
    except Error:
        raise ValueError("not base64url") from None
    if encode(decoded) != encoded:
        raise ValueError("not canonical base64url")
    return decoded


def encode(decoded: bytes) -> bytes:
    """The encoding of `decoded`, without padding."""
    return b2a_base64(decoded, newline=False).translate(_FROM_STANDARD).rstrip(b"=")
