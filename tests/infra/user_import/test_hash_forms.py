"""Both forms of a hash have the same meaning: the local Cognito checks passwords against each."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, ScryptPasswordHasher

from infra.user_import.arguments import FORMS
from infra.user_import.hash_forms import in_form
from local_cognito.aws.user_import import hashes

PASSWORD = "a password"
DJANGO = {
    "PBKDF2_SHA256": PBKDF2PasswordHasher().encode(PASSWORD, "sea.salt-1", 1000),
    "SCRYPT": ScryptPasswordHasher().encode(PASSWORD, "sea.salt-1", n=1024),
    "ARGON2ID": "argon2$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0$aGFzaA",
    "BCRYPT": "bcrypt$$2b$04$XrA2bWlMfEnZEPMeHFA/0O5lmE9K3qr/BZ4827dkyhLp.qOPoMjLC",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("algorithm", ["PBKDF2_SHA256", "SCRYPT"])
def test_password_matches_in_each_form(algorithm: str, form: str) -> None:
    encoded = in_form(form, algorithm, DJANGO[algorithm])
    assert hashes.check(algorithm, encoded, PASSWORD)
    assert not hashes.check(algorithm, encoded, "another password")


def test_standard_form_is_a_phc_string() -> None:
    standard = {
        algorithm: in_form("standard", algorithm, DJANGO[algorithm]) for algorithm in DJANGO
    }
    assert standard["PBKDF2_SHA256"].startswith("$pbkdf2-sha256$i=1000$c2VhLnNhbHQtMQ$")
    assert standard["SCRYPT"].startswith("$scrypt$ln=10,r=8,p=")
    assert standard["ARGON2ID"] == DJANGO["ARGON2ID"].removeprefix("argon2")
    assert standard["BCRYPT"].startswith("$2b$04$")
    assert not any(encoded.endswith("=") for encoded in standard.values())


@pytest.mark.parametrize("form", FORMS)
def test_hash_of_another_service_keeps_its_form(form: str) -> None:
    encoded = DJANGO["BCRYPT"].removeprefix("bcrypt$")
    assert in_form(form, "BCRYPT", encoded) == encoded
