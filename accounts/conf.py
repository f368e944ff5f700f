"""Create objects of `cognito` from the settings. They are cheap, so each use creates new ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from accounts import process
from cognito import deadlines
from cognito.app_client import AppClient
from cognito.hosted_ui.web_client import WebClient
from cognito.user_pool.pool_client import PoolClient
from cognito.user_pool.refresh import UserPool
from cognito.user_pool.service import PoolService

if TYPE_CHECKING:
    from cognito.directory.users import Directory
    from cognito.user_pool.token_exchange import TokenExchange


def app_client() -> AppClient:
    """Return the app client, which browser sign-in and the API share."""
    return AppClient(settings.COGNITO_CLIENT_ID, settings.COGNITO_CLIENT_SECRET)


def web_client() -> WebClient:
    """Return the app client for browser sign-in, with its registered addresses."""
    return WebClient(
        domain=settings.COGNITO_DOMAIN,
        app_client=app_client(),
        redirect_uri=public_url("accounts:callback"),
        logout_uri=public_url("accounts:logged-out"),
        scopes=settings.COGNITO_SCOPES,
    )


def pool_service(*, deadline_seconds: float = deadlines.POOL_CALL_SECONDS) -> PoolService:
    """Return the user pool API for calls without AWS credentials."""
    return PoolService(
        settings.COGNITO_REGION,
        settings.AWS_ENDPOINT_URL,
        deadline_seconds,
        clients=process.current.aws,
    )


def user_pool(*, deadline_seconds: float = deadlines.POOL_CALL_SECONDS) -> UserPool:
    """Return the calls that refresh and revoke tokens."""
    return UserPool(pool_service(deadline_seconds=deadline_seconds), app_client())


def pool_client() -> PoolClient:
    """Return the client for sign-up and sign-in through the API."""
    return PoolClient(pool_service(), app_client())


def token_exchange() -> TokenExchange:
    """Return the exchange of a caller's token for one of another service."""
    from cognito.user_pool.token_exchange import TokenExchange  # noqa: PLC0415 # few need it

    return TokenExchange(
        pool_service(),
        app_client(),
        process.current.verification.verifier,
        process.current.derived_tokens,
    )


def directory(*, deadline_seconds: float = deadlines.POOL_CALL_SECONDS) -> Directory:
    """Return the operators' calls, signed with the AWS credentials of this application."""
    from cognito.directory.users import Directory  # noqa: PLC0415 # few need it

    service = replace(pool_service(deadline_seconds=deadline_seconds), is_signed=True)
    return Directory(service, settings.COGNITO_USER_POOL_ID)


def public_url(view_name: str) -> str:
    """Return the absolute URL of a view, based on PUBLIC_URL and never on a header."""
    return settings.PUBLIC_ORIGIN + reverse(view_name)
