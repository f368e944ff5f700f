"""`/site.css`, `/site.svg` and the logo: content, caching, and what they need."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from django.test.utils import override_script_prefix
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.branding import marks
from tests.support.provider.browser import Browser
from tests.support.provider.people import Person

LIGHT, DARK = "#4f46e5", "#ada8f3"
PAGES = [
    *("/", "/no/such/page"),
    *("/api/v1/docs", "/api/v1/docs/signed-in"),  # only with docs-page
]


@pytest.fixture(autouse=True)
def _branded(settings: Settings) -> None:
    settings.SITE_NAME = "<acme>"
    settings.SITE_COLOR, settings.SITE_COLOR_DARK = LIGHT, DARK


def links(page: str, attribute: str) -> list[str]:
    of_ours = re.findall(rf'{attribute}="([^"]*/(?:site\.|styles/)[^"]*)"', page)
    return [unescape(url) for url in of_ours]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_page_links_its_icon_and_colors_for_ever(browser: Browser, path: str) -> None:
    page = browser.get(path, headers={"sec-fetch-mode": "navigate"}).content.decode()
    icon, stylesheet = links(page, "href")
    for address, content_type in ((icon, "image/svg+xml"), (stylesheet, "text/css; charset=utf-8")):
        response = browser.get(address)
        assert response.status_code == 200
        assert response["Content-Type"] == content_type
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        # Not of a cookie, nor of the language.
        assert response.get("Vary", "Accept-Encoding") == "Accept-Encoding"


# begin capability console
@pytest.mark.django_db
def test_pages_of_operators_have_the_colors_too(browser: Browser) -> None:
    browser.signed_in(Person(groups=["operators"]))
    for path in ("/admin/", "/accounts/profile/"):
        found = links(browser.get(path).content.decode(), "href")
        [stylesheet] = [url for url in found if "/styles/" in url]
        assert f"--accent: {LIGHT};" in browser.get(stylesheet).content.decode(), path


# end capability console


def test_stylesheet_has_the_colors_of_each_scheme(client: Browser) -> None:
    text = client.get(marks.stylesheet_url()).content.decode()
    light, dark_by_preference, dark_by_choice = re.findall(r"--accent: (#\w+);", text)
    assert (light, dark_by_preference, dark_by_choice) == (LIGHT, DARK, DARK)
    assert "{{" not in text


def test_address_changes_with_the_colors(settings: Settings) -> None:
    before = marks.stylesheet_url(), marks.icon_url()
    settings.SITE_COLOR = "#7c3aed"
    after = marks.stylesheet_url(), marks.icon_url()
    assert not set(before) & set(after)


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789ab"])
@pytest.mark.parametrize("path", ["/site.css", "/site.svg"])
def test_address_of_another_version_is_cached_briefly(
    client: Browser, path: str, query: str
) -> None:
    response = client.get(path + query)
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=60"


def test_icon_is_the_first_letter_of_the_name(client: Browser, settings: Settings) -> None:
    for name, letter in (("<acme>", "A"), ("&", "&"), ("élan", "É"), ("ßeta", "S"), ("日本", "日")):
        settings.SITE_NAME = name
        svg = ET.fromstring(client.get("/site.svg").content)
        assert "".join(svg.itertext()) == letter
        assert LIGHT in {element.get("fill") for element in svg.iter()}


@pytest.mark.django_db
def test_stylesheet_and_icon_need_no_database_even_with_a_session(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser.signed_in()
    with django_assert_num_queries(0):
        assert browser.get("/site.css").status_code == 200
        assert browser.get("/site.svg").status_code == 200


@pytest.mark.django_db
def test_logo_replaces_the_letter_beside_the_name_and_in_the_tab(
    browser: Browser, settings: Settings
) -> None:
    settings.SITE_LOGO = "gatehouse/logo.svg"
    page = browser.get("/").content.decode()
    assert '<link rel="icon" href="/static/gatehouse/logo.svg">' in page
    assert '<img class="logo" src="/static/gatehouse/logo.svg" alt="" height="28">' in page
    assert "/site.svg" not in page


def test_addresses_have_the_prefix_of_the_stage() -> None:
    with override_script_prefix("/dev/"):
        assert marks.icon_url().startswith("/dev/site.svg?v=")
        assert marks.stylesheet_url().startswith("/dev/site.css?v=")
