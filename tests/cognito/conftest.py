"""Fixtures of the verifier's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cognito.testing import KeySetServer, TokenFactory, signing_key
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier

ACCESS_ONLY = frozenset({"access"})

Verify = Callable[[str], Claims]


@pytest.fixture
def verify(token_verifier: TokenVerifier, key_set_server: KeySetServer) -> Verify:
    """Return a function that verifies a token as the API does, with the two keys of a server."""
    key_set_server.publish(signing_key("pool"), signing_key("pool's second"))
    return lambda token: token_verifier.verify(token, token_uses=ACCESS_ONLY)


@pytest.fixture
def second_factory() -> TokenFactory:
    """Return a factory of tokens that are signed with the pool's second key."""
    return TokenFactory(signing_key("pool's second"))
