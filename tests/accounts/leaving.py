"""Paths that sign a user out, the redirect that they must send, and what they log."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from accounts.sessions.browser_sessions import SESSION_ID_KEY
from accounts.sign_out import sign_out
from tests.support.provider.browser import Browser, parameters

LOGOUT = "/accounts/logout/"
EVERYWHERE = "/accounts/sessions/end-all/"

NOT_REVOKED = "A refresh token was not revoked at sign-out"
NOT_SIGNED_OUT = "A user was not signed out everywhere at Cognito"
NOT_ALL_ENDED = "A user's sessions at the hosted UI were not all ended"


def end_url(browser: Browser) -> str:
    return f"/accounts/sessions/{browser.session[SESSION_ID_KEY]}/end/"


def assert_leads_to_the_hosted_uis_logout(response: Any, settings: Settings) -> None:
    assert response.status_code == 302
    assert response["Location"].startswith(f"{settings.COGNITO_DOMAIN}/logout?")
    assert parameters(response["Location"]) == {
        "client_id": settings.COGNITO_CLIENT_ID,
        "logout_uri": "http://localhost:8000/accounts/logged-out/",
    }


def logged_failures(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, object]]:
    """Return what failed, why, and the dependency whose outage limits repeated lines."""
    return [
        (*one.getMessage().split(": ", 1), vars(one)["outage"])
        for one in caplog.records
        if one.name == sign_out.__name__ and one.levelname == "WARNING"
    ]
