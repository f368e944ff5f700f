"""The client's part of Cognito's password proof (SRP, RFC 5054, with Cognito's own key derivation).

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

# RFC 3526, section 4: the group of 3072 bits.
_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
    "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
    "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
    "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
    "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
    "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
    "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
    "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_GENERATOR = 2


def _bytes(number: int) -> bytes:
    """With a leading zero where the first bit is set, as Amazon's clients do."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


class SrpClient:
    """One sign-in with a password that is not sent."""

    def __init__(self, user_pool_id: str, password: str) -> None:
        self._pool = user_pool_id.partition("_")[2]
        self._password = password
        self._secret = secrets.randbelow(_PRIME)
        self._public = pow(_GENERATOR, self._secret, _PRIME)

    @property
    def srp_a(self) -> str:
        return f"{self._public:x}"

    def responses(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the responses to PASSWORD_VERIFIER, without USERNAME."""
        user, theirs = parameters["USER_ID_FOR_SRP"], int(parameters["SRP_B"], 16)
        mix = _hash(_bytes(self._public), _bytes(theirs))
        inner = hashlib.sha256(f"{self._pool}{user}:{self._password}".encode()).digest()
        secret = _hash(_bytes(int(parameters["SALT"], 16)), inner)
        multiplier = _hash(_bytes(_PRIME), _bytes(_GENERATOR))
        base = (theirs - multiplier * pow(_GENERATOR, secret, _PRIME)) % _PRIME
        shared = pow(base, self._secret + mix * secret, _PRIME)
        extracted = hmac.digest(_bytes(mix), _bytes(shared), "sha256")
        key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
        now = datetime.now(UTC)
        timestamp = f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now:%Y}"
        block = parameters["SECRET_BLOCK"]
        message = f"{self._pool}{user}".encode() + base64.b64decode(block) + timestamp.encode()
        return {
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(
                hmac.digest(key, message, "sha256")
            ).decode(),
            "TIMESTAMP": timestamp,
        }
