"""Tokens made by hand, wrong in one way at a time: what a factory of good ones will not do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings

from cognito.testing import WITHOUT, SigningKey, TokenFactory, signing_key
from cognito.wire import base64url

Sign = Callable[[bytes], bytes]

SUB = "5c1d2e3f-1111-4222-8333-444455556666"


def encode(part: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return base64url.encode(part).decode()


def rs(key: SigningKey, digest: hashes.HashAlgorithm | None = None) -> Sign:
    """RSASSA-PKCS1-v1_5, with SHA-256 unless told."""
    return lambda data: key.sign(data, algorithm=digest)


def ps(key: SigningKey, digest: hashes.HashAlgorithm) -> Sign:
    """RSASSA-PSS."""
    pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    return lambda data: key.sign(data, algorithm=digest, scheme=pss)


def hs(secret: bytes, digest: hashes.HashAlgorithm) -> Sign:
    """HMAC."""

    def sign(data: bytes) -> bytes:
        mac = hmac.HMAC(secret, digest)
        mac.update(data)
        return mac.finalize()

    return sign


def access_claims(**changed: Any) -> dict[str, Any]:
    """The claims of an access token as Cognito mints it, with some changed or WITHOUT."""
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
    return present(claims | changed)


def id_claims(**changed: Any) -> dict[str, Any]:
    """The claims of an ID token as Cognito mints it, with some changed or WITHOUT."""
    id_token = {
        "aud": settings.COGNITO_CLIENT_ID,
        "client_id": WITHOUT,
        "scope": WITHOUT,
        "username": WITHOUT,
        "cognito:username": SUB,
        "token_use": "id",
        "email": "ada@example.com",
    }
    return access_claims(**id_token | changed)


def machine_claims(client_id: str, **changed: Any) -> dict[str, Any]:
    """The claims of a client credentials grant: the client is the subject, and there is no user."""
    machine = {
        "sub": client_id,
        "client_id": client_id,
        "username": WITHOUT,
        "origin_jti": WITHOUT,
        "scope": "api/read",
    }
    return access_claims(**machine | changed)


def present(members: dict[str, Any]) -> dict[str, Any]:
    """What is left when WITHOUT has taken its members away."""
    return {name: value for name, value in members.items() if value is not WITHOUT}


@dataclass(frozen=True)
class Forge:
    """The pool's two keys, an attacker's key, and tokens made with them."""

    key: SigningKey
    second_key: SigningKey
    attackers_key: SigningKey

    @classmethod
    def fire(cls) -> Forge:
        """Keys that are slow to make, once in a process."""
        return cls(signing_key("pool"), signing_key("second"), signing_key("attacker"))

    def jwks(self) -> dict[str, Any]:
        """The pool's key set."""
        return {"keys": [self.key.jwk(), self.second_key.jwk()]}

    def header(self, **changed: Any) -> dict[str, Any]:
        """The header of Cognito's tokens, with members changed or WITHOUT."""
        return present({"kid": self.key.kid, "alg": "RS256"} | changed)

    def token(
        self,
        claims: dict[str, Any] | bytes | None = None,
        *,
        header: dict[str, Any] | bytes | None = None,
        sign: Sign | None = None,
    ) -> str:
        """A good access token, but for what is given. Bytes are taken as they are."""
        return TokenFactory(self.key).forged(
            as_json(self.header() if header is None else header),
            as_json(access_claims() if claims is None else claims),
            sign=sign,
        )


def as_json(part: dict[str, Any] | bytes) -> bytes:
    """Bytes are taken to be JSON already."""
    return part if isinstance(part, bytes) else json.dumps(part).encode()
