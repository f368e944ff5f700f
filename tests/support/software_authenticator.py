"""An authenticator and a browser in software, which make the responses of WebAuthn.

https://www.w3.org/TR/webauthn-3/. Each option of a method is a defect that a test gives a response.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftwareAuthenticator:
    """An authenticator with one passkey, used by a page at `origin`.

    Attributes:
        counts: whether the signature counter increases. Shared passkeys keep it at zero.
        verifies: whether it verifies the user.
    """

    origin: str = "http://localhost:4567"
    counts: bool = True
    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    sign_count: int = 0
    user_handle: str = ""

    def register(
        self, options: Mapping[str, Any], *, rp_id: str = "", algorithm: int = -7, **client: Any
    ) -> dict[str, Any]:
        """Return RegistrationResponseJSON for creation options."""
        self.user_handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public_key = encode_cbor(
            {
                1: 2,
                3: algorithm,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self._data(rp_id or options["rp"]["id"], ATTESTED) + attested + public_key
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options["challenge"], client)
        return self._credential(
            clientDataJSON=bytes_to_base64url(client_data),
            attestationObject=bytes_to_base64url(attestation),
            transports=["internal"],
        )

    def sign_in(
        self, options: Mapping[str, Any], *, rp_id: str = "", **client: Any
    ) -> dict[str, Any]:
        """Return AuthenticationResponseJSON for request options."""
        if self.counts:
            self.sign_count += 1
        data = self._data(rp_id or options["rpId"])
        client_data = self._client_data("webauthn.get", options["challenge"], client)
        signed = data + hashlib.sha256(client_data).digest()
        return self._credential(
            clientDataJSON=bytes_to_base64url(client_data),
            authenticatorData=bytes_to_base64url(data),
            signature=bytes_to_base64url(self.key.sign(signed, ec.ECDSA(SHA256()))),
            userHandle=self.user_handle,
        )

    def _data(self, rp_id: str, further_flags: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | further_flags
        hashed = hashlib.sha256(rp_id.encode()).digest()
        return hashed + bytes([flags]) + self.sign_count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str, changes: Mapping[str, Any]) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps({**data, **changes}).encode()

    def _credential(self, **response: Any) -> dict[str, Any]:
        credential_id = bytes_to_base64url(self.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


def tampered(credential: Mapping[str, Any], member: str) -> dict[str, Any]:
    """Return the response with one changed bit in a member of `response`."""
    value = bytearray(base64url_to_bytes(credential["response"][member]))
    value[-1] ^= 1
    response = {**credential["response"], member: bytes_to_base64url(bytes(value))}
    return {**credential, "response": response}
