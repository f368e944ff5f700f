"""Tokens made by hand, wrong in one way at a time: what a factory of good ones will not do."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from django.conf import settings

Sign = Callable[[bytes], bytes]

SUB = "5c1d2e3f-1111-4222-8333-444455556666"
LEFT_OUT: Any = object()


def rsa_key() -> rsa.RSAPrivateKey:
    """An RSA key as Cognito's are."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encode(part: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def unsigned(header: bytes | dict[str, Any], payload: bytes | dict[str, Any]) -> str:
    """The signing input: what is JSON already is taken as it is."""
    parts = (
        part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)
    )
    return ".".join(encode(part) for part in parts)


def compact(header: bytes | dict[str, Any], payload: bytes | dict[str, Any], sign: Sign) -> str:
    """A token whose signature is what `sign` makes of it."""
    signing_input = unsigned(header, payload)
    return f"{signing_input}.{encode(sign(signing_input.encode()))}"


def rs(key: rsa.RSAPrivateKey, digest: hashes.HashAlgorithm | None = None) -> Sign:
    """RSASSA-PKCS1-v1_5, with SHA-256 unless told."""
    return lambda data: key.sign(data, padding.PKCS1v15(), digest or hashes.SHA256())


def ps(key: rsa.RSAPrivateKey, digest: hashes.HashAlgorithm) -> Sign:
    """RSASSA-PSS."""
    pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    return lambda data: key.sign(data, pss, digest)


def hs(secret: bytes, digest: hashes.HashAlgorithm | None = None) -> Sign:
    """HMAC, with SHA-256 unless told."""

    def sign(data: bytes) -> bytes:
        mac = hmac.HMAC(secret, digest or hashes.SHA256())
        mac.update(data)
        return mac.finalize()

    return sign


def of_prehashed(key: rsa.RSAPrivateKey, digest: bytes) -> bytes:
    """The signature of any data with this SHA-256."""
    return key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


def public_jwk(key: rsa.RSAPrivateKey, kid: str, **changed: Any) -> dict[str, Any]:
    """The key as Cognito publishes it, with members changed or LEFT_OUT."""
    numbers = key.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": kid,
        "n": encode(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
        "e": encode(numbers.e.to_bytes(3, "big")),
    }
    return {name: value for name, value in (jwk | changed).items() if value is not LEFT_OUT}


def access_claims(**changed: Any) -> dict[str, Any]:
    """The claims of an access token as Cognito mints it, with some changed or LEFT_OUT."""
    now = int(time.time())
    claims = {
        "sub": SUB,
        "iss": settings.COGNITO_ISSUER,
        "client_id": settings.COGNITO_CLIENT_ID,
        "origin_jti": "11111111-aaaa-4bbb-8ccc-dddddddddddd",
        "event_id": "22222222-aaaa-4bbb-8ccc-dddddddddddd",
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin openid email",
        "auth_time": now,
        "exp": now + 900,
        "iat": now,
        "jti": "33333333-aaaa-4bbb-8ccc-dddddddddddd",
        "username": SUB,
    }
    return {name: value for name, value in (claims | changed).items() if value is not LEFT_OUT}


def id_claims(**changed: Any) -> dict[str, Any]:
    """The claims of an ID token as Cognito mints it, with some changed or LEFT_OUT."""
    return access_claims(
        **{
            "aud": settings.COGNITO_CLIENT_ID,
            "client_id": LEFT_OUT,
            "scope": LEFT_OUT,
            "username": LEFT_OUT,
            "cognito:username": SUB,
            "token_use": "id",
            "email": "ada@example.com",
        }
        | changed
    )


def machine_claims(client_id: str, **changed: Any) -> dict[str, Any]:
    """The claims of a client credentials grant: the client is the subject, and there is no user."""
    return access_claims(
        **{
            "sub": client_id,
            "client_id": client_id,
            "username": LEFT_OUT,
            "origin_jti": LEFT_OUT,
            "scope": "api/read",
        }
        | changed
    )


@dataclass(frozen=True)
class Forge:
    """The pool's two keys, an attacker's key, and tokens made with them."""

    key: rsa.RSAPrivateKey = field(default_factory=rsa_key)
    second_key: rsa.RSAPrivateKey = field(default_factory=rsa_key)
    attackers_key: rsa.RSAPrivateKey = field(default_factory=rsa_key)
    kid: str = "pool-key-One"
    second_kid: str = "pool-key-Two"

    def jwks(self) -> dict[str, Any]:
        """The pool's key set."""
        return {
            "keys": [public_jwk(self.key, self.kid), public_jwk(self.second_key, self.second_kid)]
        }

    def header(self, **changed: Any) -> dict[str, Any]:
        """The header of Cognito's tokens, with members changed or LEFT_OUT."""
        header = {"kid": self.kid, "alg": "RS256"} | changed
        return {name: value for name, value in header.items() if value is not LEFT_OUT}

    def token(
        self,
        claims: dict[str, Any] | bytes | None = None,
        *,
        header: dict[str, Any] | bytes | None = None,
        sign: Sign | None = None,
    ) -> str:
        """A good access token, but for what is given."""
        return compact(
            self.header() if header is None else header,
            access_claims() if claims is None else claims,
            sign or rs(self.key),
        )
