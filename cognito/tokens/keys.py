"""Select the verification keys in a key set (RFC 7517, RFC 7518 section 6.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from jose import jwk

from cognito.errors import KeysUnavailable
from cognito.tokens.jws import ALGORITHM, MAX_KID_CHARACTERS
from cognito.wire import base64url
from cognito.wire.strict_json import NotStrictJSON, parse_object

# NIST SP 800-131A sets the minimum. Larger keys than the maximum make each verification slow.
MIN_MODULUS_BITS, MAX_MODULUS_BITS = 2048, 8192
# FIPS 186-5 section 5.4 requires more than 2**16. OpenSSL limits exponents of large keys.
MIN_EXPONENT, MAX_EXPONENT = 2**16 + 1, 2**32

# What a signature contains before a digest by SHA-256 (RFC 8017 section 9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """An RSA public key for RS256. Keys are equal if `kid`, modulus and exponent are.

    `verifies(digest, signature)` returns whether this key made the signature, by RSASSA-PKCS1-v1_5
    with SHA-256 (RFC 7518 section 3.3). `digest` is the SHA-256 digest of the signing input.
    """

    kid: str
    modulus: int = field(repr=False)
    exponent: int = field(repr=False)
    verifies: Callable[[bytes, bytes], bool] = field(repr=False, compare=False)


def usable_keys(document: bytes | str) -> dict[str, VerificationKey]:
    """Return the verification keys of a JWK Set by `kid`, at least one.

    Entries other than RSA keys for RS256 are ignored. Keys that share a `kid` are ignored as well,
    because a token could mean either.

    Raises KeysUnavailable, with the reason, if `document` is not a JWK Set or has no such key.
    """
    raw = document.encode("utf-8", "replace") if isinstance(document, str) else document
    try:
        entries = parse_object(raw).get("keys")
    except NotStrictJSON as e:
        raise KeysUnavailable(reason=f"the key set is {e}") from e
    if not isinstance(entries, list):
        raise KeysUnavailable(reason='the key set has no list "keys"')
    found = [key for entry in entries if (key := _usable_key(entry)) is not None]
    occurrences = Counter(key.kid for key in found)
    keys = {key.kid: key for key in found if occurrences[key.kid] == 1}
    if not keys:
        raise KeysUnavailable(reason="the key set has no usable key")
    return keys


def _usable_key(entry: Any) -> VerificationKey | None:
    if not isinstance(entry, dict) or not _is_for_verifying(entry):
        return None
    kid, modulus, exponent = entry.get("kid"), _number(entry, "n"), _number(entry, "e")
    if (
        not isinstance(kid, str)
        or not 0 < len(kid) <= MAX_KID_CHARACTERS
        or not MIN_MODULUS_BITS <= modulus.bit_length() <= MAX_MODULUS_BITS
        or not MIN_EXPONENT <= exponent <= MAX_EXPONENT
        or modulus % 2 == 0
        or exponent % 2 == 0
    ):
        return None
    # Only the public members: python-jose would build a private key if `d` were among them.
    public = {"kty": "RSA", "n": entry["n"], "e": entry["e"]}
    return VerificationKey(kid, modulus, exponent, _verifier(jwk.construct(public, ALGORITHM)))


def _verifier(key: Any) -> Callable[[bytes, bytes], bool]:
    """Return a verifier that is faster than those of python-jose and of cryptography.

    python-jose checks the key each time, and both make objects for the hash function each time.
    OpenSSL checks the padding and returns what is behind it: the hash function's name and the
    digest, which are compared here, byte by byte (RFC 8017 section 8.2.2).
    """
    signed_content, scheme = key.prepared_key.recover_data_from_signature, PKCS1v15()
    signature_bytes = (key.prepared_key.key_size + 7) // 8

    def verifies(digest: bytes, signature: bytes) -> bool:
        # OpenSSL would also accept a signature without its leading zeros.
        if len(signature) != signature_bytes:
            return False
        try:
            return bool(signed_content(signature, scheme, None) == _DIGEST_INFO + digest)
        except InvalidSignature:
            return False

    return verifies


def _is_for_verifying(entry: dict[str, Any]) -> bool:
    # RFC 7517 makes `use`, `alg` and `key_ops` optional. Cognito always sets `use` and `alg`, so a
    # key without them is not from Cognito.
    operations = entry.get("key_ops", ["verify"])
    return (
        entry.get("kty") == "RSA"
        and entry.get("use") == "sig"
        and entry.get("alg") == ALGORITHM
        and isinstance(operations, list)
        and "verify" in operations
    )


def _number(entry: dict[str, Any], member: str) -> int:
    """Return a Base64urlUInt (RFC 7518 section 2), or 0, which no key has, if it is malformed."""
    encoded = entry.get(member)
    if not isinstance(encoded, str):
        return 0
    try:
        return int.from_bytes(base64url.decode(encoded.encode("ascii")), "big")
    except ValueError:
        return 0
