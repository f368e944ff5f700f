"""Assertions about a failed sign-in and the state after it."""

from __future__ import annotations

import re
from typing import Any

from accounts.models import AuditEvent, BrowserSession, User
from tests.support.provider.browser import Browser
from tests.support.provider.people import Person

# Whole words, because a random token in the page can contain `kid`.
DETAILS = re.compile(r"\b(Traceback|\w*Exception|jose|boto\w*|invalid_\w*|nonce|kid)\b")


def assert_problem_page(response: Any, status: int) -> None:
    """Assert that the response is a complete page with this status and a link to start again."""
    page = response.content.decode()
    assert response.status_code == status, page
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert "Start again" in page
    assert 'href="/accounts/login/' in page
    assert not DETAILS.search(page)
    assert ("Retry-After" in response) == (status >= 500)


def assert_no_user_is_signed_in(browser: Browser) -> None:
    """Assert that neither browser nor database has a session, and that there is no user row."""
    assert not browser.is_signed_in()
    assert not User.objects.exists()
    assert not BrowserSession.objects.exists()
    assert not AuditEvent.objects.filter(action="sign_in", outcome="success").exists()


def assert_the_next_sign_in_works(browser: Browser) -> None:
    """Assert that a valid sign-in of a new user succeeds."""
    browser.provider.behave()
    response = browser.sign_in(Person(email="next@example.com"))
    assert (response.status_code, response["Location"]) == (302, "/")
    assert browser.is_signed_in()
