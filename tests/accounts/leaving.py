"""Paths that sign a user out, and the redirect that they must send."""

from __future__ import annotations

from typing import Any

from pytest_django import Settings

from accounts.sessions.browser_sessions import SESSION_ID_KEY
from tests.support.provider.browser import Browser, parameters

LOGOUT = "/accounts/logout/"
EVERYWHERE = "/accounts/sessions/end-all/"


def end_url(browser: Browser) -> str:
    return f"/accounts/sessions/{browser.session[SESSION_ID_KEY]}/end/"


def assert_leads_to_the_hosted_uis_logout(response: Any, settings: Settings) -> None:
    assert response.status_code == 302
    assert response["Location"].startswith(f"{settings.COGNITO_DOMAIN}/logout?")
    assert parameters(response["Location"]) == {
        "client_id": settings.COGNITO_CLIENT_ID,
        "logout_uri": "http://localhost:8000/accounts/logged-out/",
    }
