"""The settings of a project that only verifies tokens."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from cognito.testing.key_set_server import KeySetServer
from cognito.testing.token_factory import CLIENT_ID, TokenFactory


@pytest.fixture
def cognito_setting(
    settings: Settings, key_set_server: KeySetServer, token_factory: TokenFactory
) -> dict[str, object]:
    settings.COGNITO = {
        "USER_POOL_ID": "eu-west-1_AbCdEfGhI",
        "CLIENT_IDS": [CLIENT_ID],
        "ISSUER": token_factory.issuer,
        "JWKS_URL": key_set_server.url,
    }
    given: dict[str, object] = settings.COGNITO
    return given
