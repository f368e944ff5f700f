"""The fixtures of `cognito.testing`, as a pytest plugin.

Enable it with ``-p cognito.testing.fixtures``, or in your top conftest.py with
``pytest_plugins = ["cognito.testing.fixtures"]``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cognito.testing.key_set_server import KeySetServer
from cognito.testing.signing_key import SigningKey
from cognito.testing.signing_key import signing_key as named_signing_key
from cognito.testing.token_factory import (
    AUDIENCE,
    CLIENT_ID,
    MACHINE_CLIENT_ID,
    TokenFactory,
)
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """Return the key with which the user pool signs, the same one in the whole run."""
    return named_signing_key("pool")


@pytest.fixture
def token_factory(signing_key: SigningKey) -> TokenFactory:
    """Return a factory of tokens for one user of the pool."""
    return TokenFactory(signing_key)


@pytest.fixture
def key_set_server(signing_key: SigningKey) -> Iterator[KeySetServer]:
    """Yield a running server that publishes the pool's key."""
    with KeySetServer(signing_key) as server:
        yield server


@pytest.fixture
def token_verifier(key_set_server: KeySetServer, token_factory: TokenFactory) -> TokenVerifier:
    """Return a verifier that trusts the factory's issuer and uses the key set server."""
    trusted = TrustedIssuer(
        issuer=token_factory.issuer,
        client_ids=frozenset({CLIENT_ID, MACHINE_CLIENT_ID}),
        keys=KeySource(key_set_server.url),
        audience=AUDIENCE,
    )
    return TokenVerifier([trusted])
