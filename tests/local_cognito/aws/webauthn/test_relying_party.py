from __future__ import annotations

import pytest

from local_cognito.aws.webauthn.relying_party import RelyingParty


@pytest.mark.parametrize(
    ("relying_party_id", "origin"),
    [
        ("localhost", "http://localhost:4567"),
        ("localhost", "http://localhost:8000"),
        ("localhost", "http://localhost"),
        ("localhost", "https://localhost:8443"),
        ("example.com", "https://example.com"),
        ("example.com", "https://login.example.com"),
        ("example.com", "https://app.example.com:8443"),
    ],
)
def test_pages_of_the_relying_party_are_accepted(relying_party_id: str, origin: str) -> None:
    assert RelyingParty(relying_party_id).accepts_origin(origin)


@pytest.mark.parametrize(
    ("relying_party_id", "origin"),
    [
        ("localhost", "http://127.0.0.1:4567"),
        ("localhost", "http://evil.localhost:4567"),
        ("localhost", "http://localhost.evil.example"),
        ("localhost", "ftp://localhost"),
        ("localhost", "http://localhost:4567/page"),
        ("localhost", "http://user@localhost:4567"),
        ("localhost", "http://LOCALHOST:4567"),
        ("localhost", "http://localhost:99999"),
        ("localhost", "http://[localhost"),
        ("localhost", "null"),
        ("localhost", ""),
        ("example.com", "http://example.com"),
        ("example.com", "https://evilexample.com"),
        ("example.com", "https://example.com.evil.example"),
        ("example.com", "https://com"),
        ("example.com", "http://localhost:4567"),
        ("login.example.com", "https://example.com"),
    ],
)
def test_pages_of_others_are_refused(relying_party_id: str, origin: str) -> None:
    assert not RelyingParty(relying_party_id).accepts_origin(origin)
