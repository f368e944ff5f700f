"""What must hold after a sign-in that did not come to its end."""

from __future__ import annotations

from typing import Any

from accounts.models import AuditEvent, BrowserSession, User
from tests.support.provider.browser import Browser
from tests.support.provider.people import Person


def assert_problem_page(response: Any, status: int) -> None:
    """A whole page for people, of that status, that offers to start again."""
    page = response.content.decode()
    assert response.status_code == status, page
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert "Start again" in page
    assert 'href="/accounts/login/' in page
    for word in ("Traceback", "Exception", "jose", "boto", "invalid_", "nonce", "kid"):
        assert word not in page
    assert ("Retry-After" in response) == (status >= 500)


def assert_nobody_is_signed_in(browser: Browser) -> None:
    """No session, here or in the database, and no user row."""
    assert not browser.is_signed_in()
    assert not User.objects.exists()
    assert not BrowserSession.objects.exists()
    assert not AuditEvent.objects.filter(action="sign_in", outcome="success").exists()


def assert_the_next_sign_in_works(browser: Browser) -> None:
    """An honest one, of somebody who was never here."""
    browser.provider.behave()
    response = browser.sign_in(Person(email="next@example.com"))
    assert (response.status_code, response["Location"]) == (302, "/")
    assert browser.is_signed_in()
