"""All endpoints of the caller's account require the same permissions."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from cognito.testing import WITHOUT, TokenFactory
from tests.support.answers import assert_problem, challenge
from tests.support.caller import Caller

pytestmark = [pytest.mark.usefixtures("known_keys")]

SCOPE = "aws.cognito.signin.user.admin"
ENDPOINTS = [
    ("DELETE", "/api/v1/me"),
    ("GET", "/api/v1/me/profile"),
    ("PATCH", "/api/v1/me/profile"),
    ("POST", "/api/v1/me/profile/confirm-email"),
    ("POST", "/api/v1/me/password"),
    ("POST", "/api/v1/me/mfa/totp"),
    ("PUT", "/api/v1/me/mfa/totp"),
    ("DELETE", "/api/v1/me/mfa/totp"),
    ("GET", "/api/v1/me/passkeys"),
    ("POST", "/api/v1/me/passkeys"),
    ("PUT", "/api/v1/me/passkeys"),
    ("DELETE", "/api/v1/me/passkeys/YQ"),
    ("GET", "/api/v1/me/sessions"),
    ("DELETE", "/api/v1/me/sessions/0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10"),
]
each_endpoint = pytest.mark.parametrize(("method", "path"), ENDPOINTS)


@each_endpoint
def test_request_without_a_token_is_refused(call: Caller, method: str, path: str) -> None:
    response = call(path=path, method=method)

    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == challenge(f'scope="api/account {SCOPE}"')


@each_endpoint
def test_machine_client_is_refused(
    call: Caller, tokens: TokenFactory, settings: Settings, method: str, path: str
) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"robot1"})
    robot = tokens.machine(client_id="robot1", scope=f"api/write {SCOPE}")

    assert_problem(call(robot, path, method=method), 403, "user_required")


@each_endpoint
@pytest.mark.parametrize("scope", [WITHOUT, "openid email", f"{SCOPE}.not", f"x{SCOPE}"])
def test_refusal_names_the_missing_scope(
    call: Caller, tokens: TokenFactory, method: str, path: str, scope: object
) -> None:
    response = call(tokens.access(scope=scope), path, method=method)

    assert_problem(response, 403, "insufficient_scope")
    assert response["WWW-Authenticate"] == challenge(f'error="insufficient_scope", scope="{SCOPE}"')


@each_endpoint
def test_id_token_is_refused_even_if_the_api_accepts_id_tokens(
    call: Caller, tokens: TokenFactory, settings: Settings, method: str, path: str
) -> None:
    settings.COGNITO_API_TOKEN_USES = frozenset({"access", "id"})

    response = call(tokens.id_token(scope=SCOPE), path, method=method)

    assert_problem(response, 403, "insufficient_scope")
