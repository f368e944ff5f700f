"""SITE_SUPPORT, on every page and where users cannot go on."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from project import error_pages
from tests.support.provider.browser import Browser

pytestmark = pytest.mark.django_db

EMAIL, URL = "help+1@example.com", "https://example.com/help/?a=b&c=d"
STUCK = {"/no/such/page": 404, "/accounts/callback/": 400, "/accounts/logout/": 405}


def test_footer_of_every_page_links_to_the_support(browser: Browser, settings: Settings) -> None:
    assert "Help" not in browser.get("/").content.decode()
    settings.SITE_SUPPORT = EMAIL
    assert f'<a href="mailto:{EMAIL}">Help</a>' in browser.get("/").content.decode()


def test_page_of_an_error_shows_the_support_address(browser: Browser, settings: Settings) -> None:
    for path in STUCK:
        assert "Need help?" not in browser.get(path).content.decode(), path
    settings.SITE_SUPPORT = EMAIL
    for path, status in STUCK.items():
        response = browser.get(path)
        assert response.status_code == status, path
        page = response.content.decode()
        assert f'Contact <a href="mailto:{EMAIL}">{EMAIL}</a> and give the request number.' in page


def test_page_of_a_failure_shows_the_support_address(settings: Settings) -> None:
    settings.SITE_SUPPORT = URL
    page = error_pages.server_error(RequestFactory().get("/")).content.decode()
    link = '<a href="https://example.com/help/?a=b&amp;c=d">example.com/help/?a=b&amp;c=d</a>'
    assert f"Contact {link}." in page


@pytest.mark.parametrize(
    ("support", "contact"),
    [
        ("", {"url": "http://localhost:8000"}),
        (EMAIL, {"url": "http://localhost:8000", "email": EMAIL}),
        (URL, {"url": URL}),
    ],
)
def test_contact_of_the_api_is_the_support(
    browser: Browser, settings: Settings, support: str, contact: dict[str, str]
) -> None:
    settings.SITE_SUPPORT = support
    document = browser.get("/api/v1/schema").json()
    assert document["info"]["contact"] == {"name": settings.SITE_NAME} | contact
