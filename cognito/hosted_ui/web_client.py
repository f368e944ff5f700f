"""Which app client of which user pool the application signs people in with."""

from __future__ import annotations

from dataclasses import dataclass

from cognito.app_client import AppClient


@dataclass(frozen=True, slots=True)
class WebClient:
    """The app client for browser sign-in, and where its hosted UI is.

    Attributes:
        domain: base URL of the hosted UI, without a trailing slash.
        redirect_uri: the callback, exactly as registered with the client.
        logout_uri: where `/logout` sends the browser back, exactly as registered.
        scopes: what to ask for, `openid` among them.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
    """

    domain: str
    app_client: AppClient
    redirect_uri: str
    logout_uri: str
    scopes: tuple[str, ...]
