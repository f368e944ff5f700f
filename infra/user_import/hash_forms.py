"""The forms in which Cognito may want password hashes.

AWS documents none. PHC strings are what other services take, and Django's form is what the old
site has.
https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from infra.user_import.arguments import FORMS

STANDARD, DJANGO = FORMS


def in_form(form: str, algorithm: str, encoded: str) -> str:
    """Return the hash, which is in Django's form or in the standard one, in the given form."""
    if form == DJANGO or encoded.startswith("$"):
        return encoded
    return _STANDARD[algorithm](encoded)


def _pbkdf2(encoded: str) -> str:
    _, iterations, salt, digest = encoded.split("$")
    return f"$pbkdf2-sha256$i={iterations}${_base64(salt)}${digest.rstrip('=')}"


def _scrypt(encoded: str) -> str:
    _, factor, salt, size, parallelism, digest = encoded.split("$")
    exponent = int(factor).bit_length() - 1
    return f"$scrypt$ln={exponent},r={size},p={parallelism}${_base64(salt)}${digest.rstrip('=')}"


def _base64(salt: str) -> str:
    return base64.b64encode(salt.encode()).decode().rstrip("=")


_STANDARD: dict[str, Callable[[str], str]] = {
    # Django writes the name of its hasher in front of these two.
    "ARGON2ID": lambda encoded: encoded.removeprefix("argon2"),
    "BCRYPT": lambda encoded: encoded.removeprefix("bcrypt$"),
    "PBKDF2_SHA256": _pbkdf2,
    "SCRYPT": _scrypt,
}
