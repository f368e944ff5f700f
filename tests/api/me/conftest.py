"""Fixtures for users of MiniStack's user pool, and the paths of requests about them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from infra.tokens import access_token
from infra.users import ensure_user
from tests.support.application import Stack

PROFILE = "/api/v1/me/profile"
CONFIRM_EMAIL = "/api/v1/me/profile/confirm-email"
PASSWORD = "/api/v1/me/password"
TOTP = "/api/v1/me/mfa/totp"
PASSKEYS = "/api/v1/me/passkeys"


@dataclass
class Person:
    """A user with a confirmed account. `token` is an access token of the user."""

    stack: Stack
    email: str
    password: str
    sub: str
    token: str

    def sign_in(self, password: str | None = None) -> str:
        """Return an access token of another sign-in. Raises SignInProblem."""
        return access_token(
            self.stack.aws.cognito(),
            client_id=self.stack.pool.web_client_id,
            client_secret=self.stack.pool.web_client_secret,
            email=self.email,
            password=password or self.password,
        )

    def in_the_pool(self) -> dict[str, str]:
        """Return the attributes of the user in the pool."""
        user = self.stack.aws.cognito().admin_get_user(
            UserPoolId=self.stack.pool.user_pool_id, Username=self.sub
        )
        return {one["Name"]: one["Value"] for one in user["UserAttributes"]}


@pytest.fixture
def pool(stack: Stack, settings: Settings) -> Stack:
    """Configure the application for the pool on MiniStack."""
    settings.COGNITO_USER_POOL_ID = stack.pool.user_pool_id
    settings.COGNITO_ISSUER = stack.pool.issuer
    settings.COGNITO_JWKS_URL = (
        f"{stack.aws.endpoint_url}/{stack.pool.user_pool_id}/.well-known/jwks.json"
    )
    settings.COGNITO_CLIENT_ID = stack.pool.web_client_id
    settings.COGNITO_CLIENT_SECRET = stack.pool.web_client_secret
    settings.COGNITO_FIRST_PARTY_CLIENT_IDS = frozenset({stack.pool.web_client_id})
    settings.AWS_ENDPOINT_URL = stack.aws.endpoint_url
    return stack


@pytest.fixture
def new_person(pool: Stack) -> Callable[[], Person]:
    def make() -> Person:
        person = Person(
            pool, f"{uuid.uuid4()}@example.com", f"correct horse {uuid.uuid4()}", "", ""
        )
        ensure_user(
            pool.aws.cognito(),
            user_pool_id=pool.pool.user_pool_id,
            email=person.email,
            password=person.password,
            groups=[],
        )
        found = pool.aws.cognito().admin_get_user(
            UserPoolId=pool.pool.user_pool_id, Username=person.email
        )
        person.sub = next(one["Value"] for one in found["UserAttributes"] if one["Name"] == "sub")
        person.token = person.sign_in()
        return person

    return make


@pytest.fixture
def person(new_person: Callable[[], Person]) -> Person:
    return new_person()
