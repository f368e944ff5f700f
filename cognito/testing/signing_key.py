"""Signing keys like those of a user pool."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cognito.wire import base64url


class SigningKey:
    """An RSA key pair with a `kid`.

    Args:
        bits: the length of the modulus.
        kid: the key's id. By default it is derived from the key: 44 characters, like Cognito's.
    """

    def __init__(self, *, bits: int = 2048, kid: str | None = None) -> None:
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        numbers = self.private_key.public_key().public_numbers()
        self.modulus = _unsigned(numbers.n)
        self.exponent = _unsigned(numbers.e)
        self.kid = kid or b64encode(hashlib.sha256(self.modulus).digest()).decode()

    def sign(
        self,
        signing_input: bytes,
        *,
        algorithm: hashes.HashAlgorithm | None = None,
        scheme: padding.AsymmetricPadding | None = None,
    ) -> bytes:
        """Return a signature: RS256, unless another hash or padding is given."""
        return self.private_key.sign(
            signing_input, scheme or padding.PKCS1v15(), algorithm or hashes.SHA256()
        )

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """Return the public key as a JWK like Cognito's.

        Args:
            changes: members to add or replace. None removes a member: ``key.jwk(kid=None)``.
        """
        members = {
            "alg": "RS256",
            "e": base64url.encode(self.exponent).decode(),
            "kid": self.kid,
            "kty": "RSA",
            "n": base64url.encode(self.modulus).decode(),
            "use": "sig",
        }
        return {name: value for name, value in (members | changes).items() if value is not None}


@cache
def signing_key(name: str, bits: int = 2048) -> SigningKey:  # noqa: ARG001 # the key of the cache
    """Return the same signing key for the same name and length throughout a process.

    Generating a key is slow. Use `SigningKey()` where a new key is needed.
    """
    return SigningKey(bits=bits)


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
