"""Tokens of the user pool in the settings, and the keys that verify them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.conf import settings
from pytest_django import Settings

from cognito.testing import KeySetServer, TokenFactory, signing_key
from cognito.wire import base64url

SUB = "5c1d2e3f-1111-4222-8333-444455556666"
KEY, SECOND_KEY, ATTACKERS_KEY = signing_key("pool"), signing_key("second"), signing_key("attacker")


def tokens_of(sub: str) -> TokenFactory:
    """Return a factory of tokens of a user of the pool."""
    factory = TokenFactory(
        KEY, issuer=settings.COGNITO_ISSUER, client_id=settings.COGNITO_CLIENT_ID
    )
    factory.sub = sub
    return factory


def with_signature(token: str, signature: bytes) -> str:
    """Return the token with another signature."""
    return f"{token.rpartition('.')[0]}.{base64url.encode(signature).decode()}"


@pytest.fixture
def tokens() -> TokenFactory:
    """Return a factory of tokens of one user, for the client of the web application."""
    return tokens_of(SUB)


@pytest.fixture
def known_keys(settings: Settings) -> None:
    """Configure the pool's keys, so that the application needs no request for them."""
    settings.COGNITO_JWKS = json.dumps({"keys": [KEY.jwk(), SECOND_KEY.jwk()]})


@pytest.fixture
def key_set(settings: Settings) -> Iterator[KeySetServer]:
    """Run a server that publishes the pool's first key and has received no request yet."""
    with KeySetServer(KEY) as server:
        settings.COGNITO_JWKS, settings.COGNITO_JWKS_URL = "", server.url
        yield server
