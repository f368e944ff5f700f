"""The Cognito objects that the settings describe, made when first asked for.

Each is cached by the values it is made of, so that changed settings give another one, and the same
one again when they change back: tests least of all have anything to reset.
"""

from __future__ import annotations

from functools import cache, lru_cache

from django.conf import settings
from django.core.signals import setting_changed
from django.urls import reverse

from cognito.app_client import AppClient
from cognito.directory.users import Directory
from cognito.hosted_ui.web_client import WebClient
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.user_pool.pool_client import PoolClient
from cognito.user_pool.refresh import UserPool
from cognito.user_pool.service import PoolService


@cache
def token_verifier() -> TokenVerifier:
    """The verifier of the pool's tokens. One for the whole process: its keys are fetched once."""
    # Remembered once more, because reading five settings takes longer than finding a known token.
    return _token_verifier(
        settings.COGNITO_ISSUER,
        settings.COGNITO_JWKS_URL,
        settings.COGNITO_JWKS,
        frozenset({settings.COGNITO_CLIENT_ID}) | settings.COGNITO_API_CLIENT_IDS,
    )


@cache
def api_token_uses() -> frozenset[str]:
    """Which tokens the API takes: of ``access`` and ``id``."""
    uses: frozenset[str] = settings.COGNITO_API_TOKEN_USES
    return uses


def verification_keys() -> KeySource:
    """The keys that the verifier uses."""
    return _key_source(settings.COGNITO_JWKS_URL, settings.COGNITO_JWKS)


def app_client() -> AppClient:
    """The app client of browser sign-in, which the API signs users in with too."""
    return AppClient(settings.COGNITO_CLIENT_ID, settings.COGNITO_CLIENT_SECRET)


def web_client() -> WebClient:
    """The app client of browser sign-in, with the addresses registered for it."""
    return WebClient(
        domain=settings.COGNITO_DOMAIN,
        app_client=app_client(),
        redirect_uri=public_url("accounts:callback"),
        logout_uri=public_url("accounts:logged-out"),
        scopes=settings.COGNITO_SCOPES,
    )


def user_pool() -> UserPool:
    """The pool's API as the app client of browser sign-in sees it."""
    return UserPool(
        region=settings.COGNITO_REGION,
        app_client=app_client(),
        endpoint_url=settings.AWS_ENDPOINT_URL,
    )


def pool_service() -> PoolService:
    """Return the pool's API as users call it, without AWS credentials."""
    return PoolService(settings.COGNITO_REGION, settings.AWS_ENDPOINT_URL)


def pool_client() -> PoolClient:
    """The app client that signs people up and in through the API."""
    return PoolClient(pool_service(), app_client())


def directory() -> Directory:
    """The pool's API as operators see it, with this application's own AWS credentials."""
    service = PoolService(settings.COGNITO_REGION, settings.AWS_ENDPOINT_URL, is_signed=True)
    return Directory(service, settings.COGNITO_USER_POOL_ID)


def public_url(view_name: str) -> str:
    """The absolute URL of a view as browsers see it, from PUBLIC_URL and never from a header."""
    return settings.PUBLIC_ORIGIN + reverse(view_name)


@lru_cache(maxsize=8)
def _token_verifier(
    issuer: str, jwks_url: str, jwks: str, client_ids: frozenset[str]
) -> TokenVerifier:
    keys = _key_source(jwks_url, jwks)
    trusted = TrustedIssuer(issuer=issuer, client_ids=client_ids, keys=keys)
    return TokenVerifier([trusted])


@lru_cache(maxsize=8)
def _key_source(jwks_url: str, jwks: str) -> KeySource:
    return KeySource(jwks_url, initial=jwks or None)


def _read_settings_again(**_: object) -> None:
    token_verifier.cache_clear()
    api_token_uses.cache_clear()


# Django sends it when a test changes a setting.
setting_changed.connect(_read_settings_again)
