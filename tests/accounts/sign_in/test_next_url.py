"""The pages on which a sign-in may end."""

from __future__ import annotations

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.sign_in.next_url import safe_next_path
from tests.support.provider.browser import Browser

ORIGIN = "http://localhost:8000"
UNSAFE = [
    "https://evil.example/",
    "http:evil.example",
    "http:///evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "/\r\nLocation: https://evil.example",
    "/\r\nSet-Cookie: a=b",
    "/path\x00",
    "/caf\u00e9",
    "/\u2028/evil.example",
    "/" + "x" * 5_000,
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
    "?next=x",
    "#x",
    "/accounts/login/",
    "/accounts/login/?next=/",
    "/accounts/callback/?code=x",
]
SAFE = [
    "/",
    "/accounts/profile/",
    "/admin/accounts/user/?q=%2F%2Fx&p=1",
    "/a//b",
    "/x#frag",
    "/?a=//b",
]


@pytest.mark.parametrize("path", UNSAFE)
def test_unsafe_path_is_replaced_by_the_default(path: str) -> None:
    assert safe_next_path(path, default="/default") == "/default"


@pytest.mark.parametrize("path", SAFE)
def test_path_of_this_site_is_unchanged(path: str) -> None:
    assert safe_next_path(path, default="/default") == path


@pytest.mark.slow
@given(st.text(), st.text(alphabet="/\\%2f5c:.@?#\t\n ehtpsvilxample"))
def test_no_text_leads_to_another_site(text: str, path: str) -> None:
    for unverified in (text, path, "/" + text, "/" + path, "//" + text):
        assert_stays(safe_next_path(unverified, default="/default"))


@given(st.from_regex(r"\A[/\\]{1,3}[ -~]{0,30}\Z"))
@example("/.//evil.example")
@example("/..//evil.example")
@example("/;//evil.example")
def test_no_path_leads_to_another_site_in_any_reading_of_a_browser(unverified: str) -> None:
    assert_stays(safe_next_path(unverified, default="/default"))


def assert_stays(path: str) -> None:
    """Assert that browsers stay here. They drop tabs and line breaks, and read `\\` as `/`."""
    assert path.startswith("/")
    assert path.isascii()
    assert path.isprintable()
    for reading in (path, unquote(path)):
        cleaned = reading.replace("\\", "/")
        for character in "\t\r\n":
            cleaned = cleaned.replace(character, "")
        if path == reading or cleaned.startswith("//"):
            assert urlsplit(urljoin(f"{ORIGIN}/", cleaned)).netloc == "localhost:8000"


def test_pages_of_the_sign_in_are_refused_under_a_stage_prefix_as_well(settings: Settings) -> None:
    settings.COOKIE_PATH = "/dev/"
    assert safe_next_path("/dev/accounts/login/", default="/dev/") == "/dev/"
    assert safe_next_path("/dev/accounts/profile/", default="/dev/") == "/dev/accounts/profile/"


# `test_unsafe_path_is_replaced_by_the_default` has all of them.
@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["https://evil.example/", "/\\evil.example", "/\r\nSet-Cookie: a=b", "/accounts/login/"]
)
def test_sign_in_with_an_unsafe_next_ends_on_the_home_page(browser: Browser, path: str) -> None:
    response = browser.sign_in(next_path=path)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "Set-Cookie: a" not in str(response.headers)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/accounts/user/?q=%2F%2Fx&p=1", "/?a=//b"])
def test_sign_in_ends_on_a_safe_next(browser: Browser, path: str) -> None:
    assert browser.sign_in(next_path=path)["Location"] == path


@pytest.mark.django_db
def test_repeated_next_does_not_lead_to_another_site(browser: Browser) -> None:
    location = browser.get("/accounts/login/?next=/admin/&next=https://evil.example")["Location"]
    assert browser.come_back(browser.visit_hosted_ui(location))["Location"] == "/"
