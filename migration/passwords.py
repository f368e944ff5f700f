"""Check a password with Django's hashers. An unknown user takes the same work as a known one."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.views.decorators.debug import sensitive_variables

from migration import reasons

logger = logging.getLogger("migration")

# Above these, one check would take seconds or the memory of the machine. They are limits of
# `decode()` of Django's hashers, by the name of the hasher's parameter.
_MOST: Mapping[str, Mapping[str, int]] = {
    "pbkdf2": {"iterations": 5_000_000},
    "bcrypt": {"work_factor": 15},
    "argon2": {"memory_cost": 262_144, "time_cost": 16, "parallelism": 16},
    "scrypt": {"work_factor": 262_144, "block_size": 32, "parallelism": 16},
}
_MOST_SCRYPT_BYTES = 256 * 1024 * 1024
_MOST_CHARACTERS = 1024


class Unreadable(Exception):
    """The hash cannot be checked here. The text says why, without the hash."""


def require_checkable(encoded: str) -> None:
    """Raises Unreadable."""
    if len(encoded) > _MOST_CHARACTERS:
        raise Unreadable(reasons.TOO_LONG)
    try:
        hasher = identify_hasher(encoded)
    except (ValueError, LookupError):
        raise Unreadable(reasons.UNKNOWN_HASHER) from None
    try:
        if hasher.library:
            getattr(hasher, "_load_library")()  # noqa: B009 - not public, so mypy does not know it
    except ValueError:
        logger.error("The library of the hasher %s is not installed.", hasher.algorithm)  # noqa: TRY400
        raise Unreadable(reasons.NO_LIBRARY) from None
    try:
        decoded = hasher.decode(encoded)
    except NotImplementedError:
        # A hasher of the project, which does not say what it costs.
        return
    except Exception:  # noqa: BLE001 - each hasher fails in its own ways at a malformed hash
        raise Unreadable(reasons.MALFORMED) from None
    if _costs_too_much(str(hasher.algorithm), decoded):
        raise Unreadable(reasons.TOO_SLOW)


@sensitive_variables()
def is_right(password: str, encoded: str | None) -> bool:
    """Return whether the password has this hash, and work equally long if there is no hash.

    Keyboards and systems send an accented letter in one piece or in two, and Django hashes what it
    gets. So the other forms of the password are tried as well.
    """
    return any(_matches(form, encoded) for form in _forms(password))


@sensitive_variables()
def _matches(password: str, encoded: str | None) -> bool:
    preferred = get_hasher("default")
    if encoded is None:
        preferred.encode(password, preferred.salt())
        return False
    hasher = identify_hasher(encoded)
    try:
        matches = bool(hasher.verify(password, encoded))
    except Exception:  # noqa: BLE001 - bcrypt refuses a zero byte, for example
        matches = False
    if not matches:
        if hasher.algorithm == preferred.algorithm:
            preferred.harden_runtime(password, encoded)
        else:
            preferred.encode(password, preferred.salt())
    return matches


@sensitive_variables()
def _forms(password: str) -> list[str]:
    forms = [password]
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, password)
        if other not in forms:
            forms.append(other)
    return forms


def _costs_too_much(algorithm: str, decoded: Mapping[str, Any]) -> bool:
    family, most = next(
        ((family, most) for family, most in _MOST.items() if algorithm.startswith(family)),
        ("", {}),
    )
    if any(decoded.get(name, 0) > number for name, number in most.items()):
        return True
    if family != "scrypt":
        return False
    size = 128 * decoded["work_factor"] * decoded["block_size"]
    return bool(size > _MOST_SCRYPT_BYTES)
