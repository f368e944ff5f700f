"""The language of the pages: from the browser, or chosen in the footer."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation
from pytest_django import Settings

from accounts.language.choice import chosen_language, hosted_ui_language, language_of
from accounts.language.middleware import LanguageMiddleware
from project import error_pages
from tests.support.provider.browser import LOGIN, PROFILE, Browser
from tests.support.provider.clock import Clock

pytestmark = pytest.mark.django_db

SWITCH = "/accounts/language/"
COOKIE = "gatehouse-language"
GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.8"}
FORM = {"sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}


def language(response: Any) -> str:
    """Return the language of a page. It is the same in the header and in the document."""
    match = re.search(r'<html lang="([\w-]+)"', response.content.decode())
    assert match is not None
    assert response["Content-Language"] == match[1]
    return match[1]


def next_of(response: Any) -> str:
    """Return the path to which the switch of a page returns."""
    match = re.search(r'name="next" value="([^"]*)"', response.content.decode())
    assert match is not None
    return unescape(match[1])


def varies_by(response: Any) -> set[str]:
    return {name.strip() for name in response["Vary"].split(",")}


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("de", "de"),
        ("DE-at", "de"),
        ("fr,de;q=0.5,en;q=0.4", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr", "en"),
        ("*,de", "en"),
        ("", "en"),
        ("de;q=0", "en"),
        ("de;q=zero", "en"),
        ("../de", "en"),
        ("x" * 16_000, "en"),
    ],
)
def test_browser_decides_about_the_language(browser: Browser, accepted: str, expected: str) -> None:
    response = browser.get("/", headers={"accept-language": accepted})
    assert language(response) == expected
    assert {"Accept-Language", "Cookie"} <= varies_by(response)
    assert response["Cache-Control"] == "no-store"


def test_pages_are_english_for_a_client_that_names_no_language(browser: Browser) -> None:
    response = browser.get("/")
    assert language(response) == "en"
    assert "Sign in" in response.content.decode()


def test_switch_changes_the_language_of_the_next_pages(browser: Browser) -> None:
    response = browser.post(SWITCH, {"language": "de", "next": "/accounts/logged-out/"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/logged-out/")
    page = browser.get(response["Location"])
    assert language(page) == "de"
    assert "Abmelden" in page.content.decode() or "Anmelden" in page.content.decode()
    assert 'value="de" lang="de" aria-current="true"' in page.content.decode()


def test_choice_precedes_the_browser(browser: Browser) -> None:
    browser.post(SWITCH, {"language": "en"})
    assert language(browser.get("/", headers=GERMAN)) == "en"


def test_choice_survives_sign_in_and_sign_out(browser: Browser) -> None:
    browser.post(SWITCH, {"language": "de"})
    browser.signed_in_at_hosted_ui()
    assert language(browser.get(PROFILE)) == "de"
    browser.post("/accounts/logout/")
    assert language(browser.get("/accounts/logged-out/")) == "de"


def test_choice_is_kept_in_a_cookie_like_the_others(browser: Browser, settings: Settings) -> None:
    settings.LANGUAGE_COOKIE_NAME = f"__Secure-{COOKIE}"
    settings.LANGUAGE_COOKIE_PATH, settings.LANGUAGE_COOKIE_SECURE = "/dev/", True
    cookie = browser.post(SWITCH, {"language": "de"}).cookies[f"__Secure-{COOKIE}"]
    assert cookie["path"] == "/dev/"
    assert cookie["samesite"] == "Lax"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["max-age"] == 31_536_000


def test_switch_returns_to_the_page_it_was_on(browser: Browser, settings: Settings) -> None:
    page = "/accounts/logged-out/?a=1&b=%22"
    form = {"language": "de", "next": next_of(browser.get(page))}
    referer = {"referer": f"{settings.PUBLIC_URL}{page}"}
    assert browser.post(SWITCH, form, headers=referer)["Location"] == page
    # A browser may be configured to send no Referer.
    assert browser.post(SWITCH, form)["Location"] == "/accounts/logged-out/"


@pytest.mark.parametrize(
    "referer", ["https://evil.example/?a", "{}//evil.example/?a", "{}/?\\evil", "{}/other/?a", "{}"]
)
def test_switch_takes_only_the_query_of_its_page(
    browser: Browser, settings: Settings, referer: str
) -> None:
    headers = {"referer": referer.format(settings.PUBLIC_URL)}
    response = browser.post(SWITCH, {"language": "de", "next": "/"}, headers=headers)
    assert response["Location"] == "/"


def test_path_that_no_view_answers_is_not_in_the_page(browser: Browser) -> None:
    response = browser.get("/http:/evil.example/")
    assert response.status_code == 404
    assert next_of(response) == "/"
    assert "evil.example" not in response.content.decode()


def test_switch_returns_home_from_a_failed_sign_in(browser: Browser) -> None:
    """The address has the code, which must not appear in the page."""
    response = browser.get("/accounts/callback/?code=secret-code&state=of-no-one")
    assert next_of(response) == "/"
    assert "secret-code" not in response.content.decode()


def test_switch_returns_from_the_answer_to_a_form_to_the_page_with_the_form(
    browser: Browser, settings: Settings
) -> None:
    referer = f"{settings.PUBLIC_URL}/accounts/logged-out/"
    assert next_of(browser.post("/no/such/page", headers={"referer": referer})) == (
        "/accounts/logged-out/"
    )
    for other in ("https://evil.example/a", f"{settings.PUBLIC_URL}.evil.example/a", ""):
        assert next_of(browser.post("/no/such/page", headers={"referer": other})) == "/"


@pytest.mark.parametrize("unsafe", ["https://evil.example/", "//evil.example", "/\\evil", LOGIN])
def test_switch_returns_to_this_site_only(browser: Browser, unsafe: str) -> None:
    response = browser.post(SWITCH, {"language": "de", "next": unsafe})
    assert response["Location"] == "/"


@pytest.mark.parametrize("unknown", ["", "fr", "DE", "de; Path=/", "x" * 5000])
def test_unknown_language_is_refused(browser: Browser, unknown: str) -> None:
    response = browser.post(SWITCH, {"language": unknown})
    assert response.status_code == 400
    assert COOKIE not in response.cookies


def test_switch_needs_the_csrf_token_of_a_page(browser: Browser) -> None:
    browser.handler.enforce_csrf_checks = True
    assert browser.post(SWITCH, {"language": "de"}).status_code == 403
    match = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.get("/").content.decode())
    assert match is not None
    form = {"language": "de", "csrfmiddlewaretoken": match[1]}
    assert browser.post(SWITCH, form).status_code == 302


def test_switch_is_no_link(browser: Browser) -> None:
    assert browser.get(f"{SWITCH}?language=de").status_code == 405
    assert language(browser.get("/")) == "en"


def test_visitor_who_switches_sees_no_page_in_between(browser: Browser) -> None:
    response = browser.post(SWITCH, {"language": "de"}, headers=FORM)
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "cookies",
    [
        f"{COOKIE}=fr",
        f"{COOKIE}=",
        f"x{COOKIE}=de",
        f"{COOKIE}=de-",
        f"other=1,{COOKIE}=de",
        f"{COOKIE}=" + "de" * 4000,
    ],
)
def test_invalid_cookie_is_ignored(cookies: str) -> None:
    assert chosen_language(RequestFactory().get("/", headers={"cookie": cookies})) == ""


@pytest.mark.parametrize(
    "cookies", [f"{COOKIE}=de", f"a=b; {COOKIE}=de", f"{COOKIE}=fr; {COOKIE}=de; c=d"]
)
def test_cookie_is_found_among_others(cookies: str) -> None:
    assert language_of(RequestFactory().get("/", headers={"cookie": cookies})) == "de"


@pytest.mark.parametrize("path", ["/", "/no/such/page", "/accounts/callback/", "/accounts/logout/"])
def test_every_page_of_a_visitor_has_the_switch(browser: Browser, path: str) -> None:
    page = browser.get(path, headers=GERMAN)
    assert language(page) == "de"
    assert f'action="{SWITCH}"' in page.content.decode()


@pytest.mark.parametrize(
    "refused", [{"HTTP_HOST": "evil.example"}, {"QUERY_STRING": "a" * 9000}], ids=["host", "query"]
)
def test_page_of_a_refused_request_is_translated_and_has_no_switch(
    browser: Browser, refused: dict[str, Any]
) -> None:
    """Its form would fail, because no middleware has set the CSRF cookie."""
    page = browser.get("/", headers=GERMAN, **refused)
    assert page.status_code in {400, 414}
    assert language(page) == "de"
    assert SWITCH not in page.content.decode()


def test_page_of_a_failure_is_translated(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.own_account.pages.render", lambda *_: 1 / 0)
    page = browser.get("/", headers=GERMAN)
    assert page.status_code == 500
    assert language(page) == "de"
    with translation.override("de"):
        assert str(error_pages.PAGES[500][0]) in page.content.decode()
    assert SWITCH not in page.content.decode()


def test_api_is_english_and_does_not_vary(browser: Browser) -> None:
    english = browser.get("/api/v1/me")
    german = browser.get("/api/v1/me", headers=GERMAN, HTTP_COOKIE=f"{COOKIE}=de")
    assert german.status_code == 401
    assert german.json()["detail"] == english.json()["detail"]
    for response in (english, german):
        assert "Content-Language" not in response
        assert "Accept-Language" not in response.get("Vary", "")


def test_request_of_a_program_does_not_inherit_the_language_of_the_last_page(
    browser: Browser,
) -> None:
    browser.get("/", headers=GERMAN)
    response = browser.post("/api/v1/auth/sign-in", {}, content_type="application/json")
    assert response.json()["errors"]["email"] == ["This field is required."]


@pytest.mark.parametrize("path", ["/healthz", "/static/gatehouse/style.css", "/api/v1/docs"])
def test_answers_without_words_of_a_language_do_not_vary(path: str) -> None:
    request = RequestFactory().get(path, headers=GERMAN)
    response = LanguageMiddleware(lambda _: HttpResponse("text"))(request)
    assert not response.has_header("Vary")
    assert not response.has_header("Content-Language")


@pytest.mark.parametrize(
    ("accepted", "cookie", "expected"),
    [("", "", ""), ("en-GB", "", ""), ("de", "", "de"), ("de", "en", "en"), ("", "de", "de")],
)
def test_hosted_ui_is_asked_for_a_language_that_is_not_its_own(
    accepted: str, cookie: str, expected: str
) -> None:
    headers = {"accept-language": accepted, "cookie": f"{COOKIE}={cookie}"}
    assert hosted_ui_language(RequestFactory().get("/", headers=headers)) == expected


def test_code_of_a_regional_language_is_that_of_the_hosted_ui(settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("pt-br", "Português")]
    request = RequestFactory().get("/", headers={"cookie": f"{COOKIE}=pt-br"})
    assert hosted_ui_language(request) == "pt-BR"


def test_sign_in_sign_up_and_confirmation_name_the_language(browser: Browser, clock: Clock) -> None:
    for path in (LOGIN, "/accounts/sign-up/"):
        assert _lang(browser.get(path, headers=GERMAN)) == ["de"]
        assert _lang(browser.get(path)) == []
    browser.signed_in()
    assert _lang(browser.get("/accounts/confirm/", headers=GERMAN)) == ["de"]


def _lang(response: Any) -> list[str]:
    return parse_qs(urlsplit(response["Location"]).query).get("lang", [])
