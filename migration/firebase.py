"""Passwords of Firebase, which uses scrypt in its own way: https://github.com/firebase/scrypt

A Django project that keeps users of Firebase names the hasher in PASSWORD_HASHERS, and the signer
key in GATEHOUSE_MIGRATION. `manage.py import_firebase_users` creates the users.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from migration.conf import NAME, configuration

# Firebase allows no more.
MOST_MEM_COST, MOST_ROUNDS = 14, 8
_KEY_BYTES = 32


class FirebaseScryptPasswordHasher(BasePasswordHasher):
    """Check hashes of Firebase: `firebase_scrypt$MEM_COST$ROUNDS$SEPARATOR$SALT$HASH`.

    The last three parts are base64. The hasher makes no hashes: keep another one first in
    PASSWORD_HASHERS. It needs the package `cryptography`.
    """

    algorithm = "firebase_scrypt"
    library = ("cryptography", "cryptography")

    def encode(self, password: str, salt: str) -> str:
        raise NotImplementedError("Firebase's hashes are only checked.")

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, mem_cost, rounds, separator, salt, digest = encoded.split("$")
        if algorithm != self.algorithm:
            raise ValueError("This is not a hash of Firebase.")
        decoded: dict[str, Any] = {
            "algorithm": algorithm,
            "mem_cost": int(mem_cost),
            "rounds": int(rounds),
            "separator": _bytes(separator),
            "salt": salt,
            "hash": _bytes(digest),
        }
        if not (0 < decoded["mem_cost"] <= MOST_MEM_COST and 0 < decoded["rounds"] <= MOST_ROUNDS):
            raise ValueError("Firebase does not use such costs.")
        return decoded

    def verify(self, password: str, encoded: str) -> bool:
        decoded = self.decode(encoded)
        key = hashlib.scrypt(
            password.encode(),
            salt=_bytes(decoded["salt"]) + decoded["separator"],
            n=2 ** decoded["mem_cost"],
            r=decoded["rounds"],
            p=1,
            # What the largest costs need, and a little more.
            maxmem=64 * 1024 * 1024,
            dklen=_KEY_BYTES,
        )
        return constant_time_compare(self._encrypted(key), decoded["hash"])

    def safe_summary(self, encoded: str) -> Any:
        decoded = self.decode(encoded)
        return {
            _("algorithm"): decoded["algorithm"],
            _("memory cost"): decoded["mem_cost"],
            _("rounds"): decoded["rounds"],
        }

    def must_update(self, _: str) -> bool:
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """All hashes of a project have the same costs."""

    def _encrypted(self, key: bytes) -> bytes:
        """Return the project's signer key, encrypted with the key from the password."""
        self._load_library()  # type: ignore[attr-defined] # not in the stubs
        from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415 - only here
            Cipher,
            algorithms,
            modes,
        )

        signer_key = configuration().firebase_signer_key
        if not signer_key:
            raise ImproperlyConfigured(f"{NAME} needs the member FIREBASE_SIGNER_KEY.")
        encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        return encryptor.update(_bytes(signer_key)) + encryptor.finalize()


def _bytes(text: str) -> bytes:
    """Decode base64, in either of its alphabets. Raises ValueError."""
    normal = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(normal + "=" * (-len(normal) % 4), validate=True)
    except binascii.Error:
        raise ValueError("This is not base64.") from None
