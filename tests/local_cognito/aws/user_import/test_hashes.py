"""Imported hashes, made by Django where this environment can."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, ScryptPasswordHasher

from local_cognito.aws.user_import.hashes import UnsupportedHash, check

PASSWORD = "Imported-pässword-1"


@pytest.mark.parametrize(
    ("algorithm", "encoded"),
    [
        ("PBKDF2_SHA256", PBKDF2PasswordHasher().encode(PASSWORD, "seasalt", 1000)),
        ("SCRYPT", ScryptPasswordHasher().encode(PASSWORD, "seasalt", n=1024)),
    ],
)
def test_hash_of_django_is_checked(algorithm: str, encoded: str) -> None:
    assert check(algorithm, encoded, PASSWORD)
    assert not check(algorithm, encoded, f"{PASSWORD}x")


def test_phc_string_is_checked() -> None:
    expected = hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 1000, 32)
    digest = base64.b64encode(expected).decode().rstrip("=").replace("+", ".")
    encoded = f"$pbkdf2-sha256$i=1000$c2FsdA${digest}"
    assert check("PBKDF2_SHA256", encoded, "secret")
    assert not check("PBKDF2_SHA256", encoded, "Secret")


@pytest.mark.parametrize(
    ("algorithm", "encoded"),
    [
        ("PBKDF2_SHA256", ""),
        ("PBKDF2_SHA256", "pbkdf2_sha256$99999999$salt$AAAA"),
        ("PBKDF2_SHA256", "pbkdf2_sha1$1000$salt$AAAA"),
        ("PBKDF2_SHA256", "pbkdf2_sha256$1000$salt$A"),
        ("SCRYPT", "scrypt$99999999$salt$8$1$AAAA"),
        ("SCRYPT", "scrypt$1000$salt$8$1$AAAA"),
        ("SCRYPT", "$scrypt$ln=99,r=8,p=1$c2FsdA$AAAA"),
        ("PBKDF2_SHA256", "x" * 600),
    ],
)
def test_other_or_expensive_hash_is_refused_at_once(algorithm: str, encoded: str) -> None:
    start = time.monotonic()
    with pytest.raises(UnsupportedHash):
        check(algorithm, encoded, PASSWORD)
    assert time.monotonic() - start < 1
