"""Check a password against an imported hash, in the formats of Django and of PHC strings.

AWS does not document its format. Both are accepted here, so that either can be tried.

https://docs.djangoproject.com/en/5.2/topics/auth/passwords/
https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable

MAXIMUM_CHARACTERS = 512
# Above these, one check would take the machine's memory or several seconds.
_MAXIMUM_ITERATIONS = 5_000_000
_MAXIMUM_BYTES = 256 * 1024 * 1024
_MAXIMUM_PARALLELISM = 16
_MAXIMUM_ROUNDS = 16
# Of bcrypt, which ignores the rest of a password.
_BCRYPT_BYTES = 72

_PBKDF2 = re.compile(r"pbkdf2_sha256\$([0-9]{1,8})\$([^$]{1,128})\$([A-Za-z0-9+/=]{1,128})")
_PBKDF2_PHC = re.compile(
    r"\$pbkdf2-sha256\$i=([0-9]{1,8})(?:,l=[0-9]+)?\$([A-Za-z0-9+/.=]{1,128})\$([A-Za-z0-9+/.=]{1,128})"
)
_SCRYPT = re.compile(
    r"scrypt\$([0-9]{1,8})\$([^$]{1,128})\$([0-9]{1,3})\$([0-9]{1,3})\$([A-Za-z0-9+/=]{1,128})"
)
_SCRYPT_PHC = re.compile(
    r"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,3}),p=([0-9]{1,3})"
    r"\$([A-Za-z0-9+/=]{1,128})\$([A-Za-z0-9+/=]{1,128})"
)
_BCRYPT = re.compile(r"(bcrypt\$|bcrypt_sha256\$)?(\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53})")
_ARGON2 = re.compile(
    r"(?:argon2)?(\$argon2id\$v=19\$m=([0-9]{1,8}),t=([0-9]{1,3}),p=([0-9]{1,3})"
    r"\$[A-Za-z0-9+/]{1,128}\$[A-Za-z0-9+/]{1,128})"
)


class UnsupportedHash(ValueError):
    """The hash has another algorithm, is malformed, or would cost too much."""


def check(algorithm: str, unverified_hash: str, password: str) -> bool:
    """Return whether the password has this hash. Raises UnsupportedHash."""
    if len(unverified_hash) > MAXIMUM_CHARACTERS:
        raise UnsupportedHash
    return _CHECKS[algorithm](unverified_hash, password.encode())


def require_supported(algorithm: str, unverified_hash: str) -> None:
    """Raises UnsupportedHash."""
    check(algorithm, unverified_hash, "")


def _pbkdf2(text: str, password: bytes) -> bool:
    django, phc = _PBKDF2.fullmatch(text), _PBKDF2_PHC.fullmatch(text)
    if django:
        iterations, salt, expected = int(django[1]), django[2].encode(), _decoded(django[3])
    elif phc:
        iterations, salt, expected = int(phc[1]), _decoded(phc[2]), _decoded(phc[3])
    else:
        raise UnsupportedHash
    if not 0 < iterations <= _MAXIMUM_ITERATIONS:
        raise UnsupportedHash
    actual = hashlib.pbkdf2_hmac("sha256", password, salt, iterations, len(expected))
    return hmac.compare_digest(actual, expected)


def _scrypt(text: str, password: bytes) -> bool:
    django, phc = _SCRYPT.fullmatch(text), _SCRYPT_PHC.fullmatch(text)
    if django:
        factor, size, parallelism = int(django[1]), int(django[3]), int(django[4])
        salt, expected = django[2].encode(), _decoded(django[5])
    elif phc:
        factor, size, parallelism = 2 ** int(phc[1]), int(phc[2]), int(phc[3])
        salt, expected = _decoded(phc[4]), _decoded(phc[5])
    else:
        raise UnsupportedHash
    memory = 128 * factor * size
    if memory > _MAXIMUM_BYTES or not 0 < parallelism <= _MAXIMUM_PARALLELISM:
        raise UnsupportedHash
    try:
        actual = hashlib.scrypt(
            password,
            salt=salt,
            n=factor,
            r=size,
            p=parallelism,
            maxmem=2 * _MAXIMUM_BYTES,
            dklen=len(expected),
        )
    except ValueError:
        raise UnsupportedHash from None
    return hmac.compare_digest(actual, expected)


def _bcrypt(text: str, password: bytes) -> bool:
    import bcrypt  # noqa: PLC0415 - only for import jobs

    found = _BCRYPT.fullmatch(text)
    if not found or int(found[3]) > _MAXIMUM_ROUNDS:
        raise UnsupportedHash
    if found[1] == "bcrypt_sha256$":
        # Django's own form, for passwords that are longer than bcrypt reads.
        password = binascii.hexlify(hashlib.sha256(password).digest())
    try:
        matches: bool = bcrypt.checkpw(password[:_BCRYPT_BYTES], found[2].encode())
    except ValueError:
        raise UnsupportedHash from None
    return matches


def _argon2id(text: str, password: bytes) -> bool:
    from cryptography.exceptions import InvalidKey, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    found = _ARGON2.fullmatch(text)
    if (
        not found
        or int(found[2]) * 1024 > _MAXIMUM_BYTES
        or int(found[3]) > _MAXIMUM_ROUNDS
        or int(found[4]) > _MAXIMUM_PARALLELISM
    ):
        raise UnsupportedHash
    try:
        Argon2id.verify_phc_encoded(password, found[1])
    except InvalidKey:
        return False
    except (ValueError, UnsupportedAlgorithm):
        raise UnsupportedHash from None
    return True


_CHECKS: dict[str, Callable[[str, bytes], bool]] = {
    "ARGON2ID": _argon2id,
    "BCRYPT": _bcrypt,
    "PBKDF2_SHA256": _pbkdf2,
    "SCRYPT": _scrypt,
}


def _decoded(text: str) -> bytes:
    """Decode base64, with or without padding, and passlib's form with dots."""
    text = text.replace(".", "+").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise UnsupportedHash from None
