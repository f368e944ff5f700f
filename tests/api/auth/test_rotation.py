"""Refresh tokens that the pool rotates, with and without a grace period."""

from __future__ import annotations

import base64
import hashlib

import pytest
from pytest_django import Settings

from tests.api.auth.conftest import Api
from tests.support.answers import assert_problem, body_of
from tests.support.provider.clock import Clock
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

VERIFIER = "v" * 43


@pytest.fixture
def refresh_token(provider: Provider) -> str:
    """Return a token of a sign-in at the hosted UI, which issues the same kind of tokens."""
    provider.pool.rotates = True
    redirect_uri = next(iter(provider.pool.client.redirect_uris))
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    code = provider.pool.issue_code(
        provider.person,
        redirect_uri=redirect_uri,
        code_challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        nonce=None,
    )
    draft = provider.pool.redeem(code, redirect_uri=redirect_uri, code_verifier=VERIFIER)
    assert draft.refresh_token is not None
    return draft.refresh_token


def test_second_refresh_without_a_grace_period_is_refused(
    api: Api, provider: Provider, refresh_token: str
) -> None:
    first, second = (api.send("refresh", refresh_token=refresh_token) for _ in range(2))
    assert body_of(first)["refresh_token"] != refresh_token
    assert_problem(second, 401, "refresh_token_reused")


def test_second_refresh_within_the_grace_period_succeeds(
    api: Api, provider: Provider, clock: Clock, refresh_token: str
) -> None:
    provider.pool.grace_seconds = 10
    for _ in range(2):
        assert api.send("refresh", refresh_token=refresh_token).status_code == 200
    clock.advance(11)
    response = api.send("refresh", refresh_token=refresh_token)
    assert_problem(response, 401, "refresh_token_reused")


def test_sign_out_ends_all_refresh_tokens_of_the_sign_in(
    api: Api, provider: Provider, refresh_token: str
) -> None:
    provider.pool.grace_seconds = 10
    newer = body_of(api.send("refresh", refresh_token=refresh_token))["refresh_token"]
    assert api.send("sign-out", refresh_token=newer).status_code == 204
    assert provider.pool.live_sign_ins() == 0
    for one in (refresh_token, newer):
        response = api.send("refresh", refresh_token=one)
        assert_problem(response, 401, "invalid_refresh_token")
        assert api.send("sign-out", refresh_token=one).status_code == 204


@pytest.mark.parametrize("grace_seconds", [0, 10])
def test_sign_out_without_signing_keys_ends_the_sign_in_at_cognito(
    api: Api, provider: Provider, refresh_token: str, settings: Settings, grace_seconds: int
) -> None:
    provider.pool.grace_seconds = grace_seconds
    settings.COGNITO_JWKS, settings.COGNITO_JWKS_URL = "", "http://127.0.0.1:9/jwks.json"
    response = api.send("sign-out", refresh_token=refresh_token)
    assert_problem(response, 503, "keys_unavailable")
    assert provider.pool.live_sign_ins() == 0
    assert api.send("sign-out", refresh_token=refresh_token).status_code == 204
