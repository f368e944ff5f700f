"""The app client for browser sign-in, and the addresses registered with it."""

from __future__ import annotations

from dataclasses import dataclass

from cognito.app_client import AppClient


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WebClient:
    """The app client for browser sign-in.

    Attributes:
        domain: base URL of the hosted UI, without a trailing slash.
        redirect_uri: the callback, exactly as registered with the app client.
        logout_uri: the page after `/logout`, exactly as registered.
        scopes: the scopes to request, including `openid`.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
    """

    domain: str
    app_client: AppClient
    redirect_uri: str
    logout_uri: str
    scopes: tuple[str, ...]
