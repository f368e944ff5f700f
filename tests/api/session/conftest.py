"""Fixtures for pages of this site that call the API with the session cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse

from tests.support.answers import body_of
from tests.support.provider.browser import Browser
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person

SESSION = "/api/v1/session"
NOTES = "/api/v1/notes"


@dataclass
class OwnPage:
    """A script on a page of this site, in a browser. It sends what a browser adds by itself."""

    browser: Browser
    csrf_token: str = ""

    def __call__(
        self, path: str = SESSION, *, method: str = "GET", body: object = None, **headers: str
    ) -> HttpResponse:
        """Send a request. `headers` have underscores, as in `x_csrftoken`."""
        sent = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
        if method not in {"GET", "HEAD"}:
            sent |= {"origin": settings.PUBLIC_ORIGIN}
            sent |= {"x-csrftoken": self.csrf_token} if self.csrf_token else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        send = getattr(self.browser, method.lower())
        extra: dict[str, Any] = {"headers": sent}
        if body is not None:
            extra |= {"data": body, "content_type": "application/json"}
        response: HttpResponse = send(path, **extra)
        return response

    def opened(self) -> OwnPage:
        """Read the session, as a page does first, and keep its CSRF token."""
        response = self()
        assert response.status_code == 200, response.content
        self.csrf_token = body_of(response)["csrf_token"]
        return self

    def titles(self) -> list[str]:
        """Return the titles of the user's notes."""
        return [note["title"] for note in body_of(self(NOTES))["results"]]


@pytest.fixture
def ada(new_browser: NewBrowser) -> OwnPage:
    """Return a page in the browser of a signed-in user. Django checks CSRF, as for a visitor."""
    browser = new_browser(enforce_csrf_checks=True)
    return OwnPage(browser.signed_in(Person(groups=["editors"])))
