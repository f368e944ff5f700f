"""The objects of `cognito` that the settings describe. They are cheap, and made for each use."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.urls import reverse

from accounts import process
from cognito import deadlines
from cognito.app_client import AppClient
from cognito.directory.users import Directory
from cognito.hosted_ui.web_client import WebClient
from cognito.user_pool.pool_client import PoolClient
from cognito.user_pool.refresh import UserPool
from cognito.user_pool.service import PoolService


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


def pool_service(*, deadline_seconds: float = deadlines.POOL_CALL_SECONDS) -> PoolService:
    """Return the pool's API as users call it, without AWS credentials."""
    return PoolService(
        settings.COGNITO_REGION,
        settings.AWS_ENDPOINT_URL,
        deadline_seconds,
        clients=process.current.aws,
    )


def user_pool(*, deadline_seconds: float = deadlines.POOL_CALL_SECONDS) -> UserPool:
    """The pool's API as the app client of browser sign-in sees it."""
    return UserPool(pool_service(deadline_seconds=deadline_seconds), app_client())


def pool_client() -> PoolClient:
    """The app client that signs people up and in through the API."""
    return PoolClient(pool_service(), app_client())


def directory(*, deadline_seconds: float = deadlines.POOL_CALL_SECONDS) -> Directory:
    """The pool's API as operators see it, with this application's own AWS credentials."""
    service = replace(pool_service(deadline_seconds=deadline_seconds), is_signed=True)
    return Directory(service, settings.COGNITO_USER_POOL_ID)


def public_url(view_name: str) -> str:
    """The absolute URL of a view as browsers see it, from PUBLIC_URL and never from a header."""
    return settings.PUBLIC_ORIGIN + reverse(view_name)
