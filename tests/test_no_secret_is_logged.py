"""Runs last, over everything that the whole run has logged."""

from __future__ import annotations

import re

import pytest

from infra.local.demo import DEMO_PASSWORD
from tests.environment import VARIABLES
from tests.provider.fixtures import CLIENT_SECRET

# A signed or encrypted JWT: what access, ID and refresh tokens are.
TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]*\.[\w-]{10,}")
# A code, state, verifier or password as a parameter.
PARAMETER = re.compile(
    r"\b(code|state|nonce|code_verifier|refresh_token|client_secret|password)=[\w%.~+/-]{6,}"
)
SECRETS = [
    VARIABLES["DJANGO_SECRET_KEY"],
    VARIABLES["COGNITO_CLIENT_SECRET"],
    VARIABLES["TOKEN_ENCRYPTION_KEYS"],
    CLIENT_SECRET,
    DEMO_PASSWORD,
]


def secrets_in(line: str) -> list[str]:
    """What is secret in the line, by name."""
    found = [
        name for name, form in (("token", TOKEN), ("parameter", PARAMETER)) if form.search(line)
    ]
    return found + [f"secret {i}" for i, secret in enumerate(SECRETS) if secret in line]


@pytest.mark.parametrize(
    "line",
    [
        "GET /accounts/callback/?code=5f3c8a90-0000&state=x HTTP/1.1",
        "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlIGhlcmU was refused",
        f"password {DEMO_PASSWORD}",
    ],
)
def test_the_search_knows_a_secret(line: str) -> None:
    assert secrets_in(line)


def test_no_secret_was_logged(everything_logged: list[str]) -> None:
    assert [line for line in everything_logged if secrets_in(line)] == []
