"""The site's own name is the only one that a person sees."""

from __future__ import annotations

import html
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver
from pytest_django import Settings

from accounts.own_account import development
from accounts.own_account.authenticator_app import AppSetUp
from infra.local.demo import DEMO_PASSWORD, DEMO_USERS
from project import error_pages
from tests.support.provider.browser import Browser
from tests.support.provider.people import Person

pytestmark = pytest.mark.django_db

NAME = "Überall & <b>Söhne</b>"

FOR_VISITORS = {
    "/": 200,
    "/accounts/logged-out/": 200,
    "/accounts/callback/": 400,
    "/accounts/logout/": 405,
    "/no/such/page": 404,
    "/api/v1/docs": 200,  # only with docs-page
    "/api/v1/docs/signed-in": 200,  # only with docs-page
}
FOR_OPERATORS = {
    "/": 200,
    "/accounts/profile/": 200,
    "/accounts/profile/sign-in-methods/": 200,
    "/accounts/profile/passkeys/add/": 200,
    "/accounts/second-factor/": 200,
    "/accounts/second-factor/off/": 200,
    "/admin/": 200,  # only with console
    "/admin/accounts/user/": 200,  # only with console
    "/admin/accounts/auditevent/": 200,  # only with console
    "/admin/no/such/page": 404,  # only with console
}
DOCUMENTS = ("/api/v1/schema", "/.well-known/oauth-protected-resource/api", "/api/v1/me")


@pytest.fixture(autouse=True)
def _named(settings: Settings) -> None:
    settings.SITE_NAME = NAME


def seen(response: HttpResponse) -> str:
    """Return what a person sees or hears of a page: its text, and texts in attributes."""
    page = re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    texts = re.findall(r'\b(?:alt|title|placeholder|aria-label|content)="([^"]*)"', page)
    return html.unescape(" ".join([*texts, re.sub(r"<[^>]*>", " ", page)]))


def assert_shows_only_the_name(response: HttpResponse, path: str) -> None:
    assert "<b>Söhne</b>" not in response.content.decode(), path
    assert NAME in seen(response), path
    assert "gatehouse" not in seen(response).lower(), path


def test_pages_of_visitors_show_only_the_sites_name(browser: Browser) -> None:
    for path, status in FOR_VISITORS.items():
        response: HttpResponse = browser.get(path, headers={"sec-fetch-mode": "navigate"})  # type: ignore[assignment] # the type stubs name a private class
        assert response.status_code == status, path
        assert_shows_only_the_name(response, path)


@pytest.mark.slow
def test_pages_of_operators_show_only_the_sites_name(browser: Browser) -> None:
    browser.signed_in(Person(groups=["operators"]))
    for path, status in FOR_OPERATORS.items():
        response: HttpResponse = browser.get(path)  # type: ignore[assignment] # as above
        assert response.status_code == status, path
        assert_shows_only_the_name(response, path)


def test_page_of_a_failure_shows_only_the_sites_name() -> None:
    """Django renders it without the request, so that a context processor would not reach it."""
    response = error_pages.server_error(RequestFactory().get("/"))
    assert_shows_only_the_name(response, "500")


def test_documents_for_programs_name_only_the_site(browser: Browser) -> None:
    for path in DOCUMENTS:
        assert "Gatehouse" not in browser.get(path).content.decode(), path
    schema = json.loads(browser.get("/api/v1/schema").content)
    assert schema["info"]["title"] == f"{NAME} API"
    metadata = json.loads(browser.get("/.well-known/oauth-protected-resource/api").content)
    assert metadata["resource_name"] == f"{NAME} API"


def test_authenticator_app_shows_the_sites_name() -> None:
    uri = AppSetUp(account="ada@example.com", secret="JBSWY3DPEHPK3PXP").otpauth_uri  # an example
    assert parse_qs(urlsplit(uri).query)["issuer"] == [NAME]


def test_home_page_helps_developers_only(browser: Browser, settings: Settings) -> None:
    assert "developers" not in browser.get("/").content.decode()
    settings.DEBUG = True
    page = browser.get("/").content.decode()
    assert "For developers" in page
    assert f"{html.escape(NAME)} is a Django application behind Amazon Cognito" in page
    assert "Gatehouse" not in page.replace(DEMO_PASSWORD, "")
    for user in DEMO_USERS:
        assert user.email in page
    assert DEMO_PASSWORD in page
    assert f"{settings.COGNITO_DOMAIN}/mailbox" in page
    assert "/static/examples/spa/own-pages/index.html" in page  # only with notes
    # A real user pool has other users.
    settings.AWS_ENDPOINT_URL = None
    assert DEMO_PASSWORD not in browser.get("/").content.decode()


def test_command_on_the_home_page_is_one_that_a_shell_runs(settings: Settings) -> None:
    command = development.help_for_developers()["curl"].replace("\\\n", "")
    program, address, *options = shlex.split(command)
    assert (program, address) == ("curl", "http://localhost:8000/api/v1/auth/sign-in")
    assert options[:3] == ["-H", "Content-Type: application/json", "-d"]
    assert json.loads(options[3]) == {"email": "user@example.com", "password": DEMO_PASSWORD}


def test_users_on_the_home_page_are_those_of_the_local_stack() -> None:
    assert development.LOCAL_PASSWORD == DEMO_PASSWORD
    assert {email for email, _ in development.LOCAL_USERS} == {one.email for one in DEMO_USERS}


def addresses(patterns: list[Any], prefix: str = "/") -> Iterator[str]:
    """Yield the address of each view that needs no argument."""
    for pattern in patterns:
        route = str(pattern.pattern).removeprefix("^").removesuffix(r"\Z").removesuffix("$")
        if "<" in route or "(" in route:
            continue
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + route)
        else:
            yield prefix + route


@pytest.mark.slow
def test_no_page_of_the_site_shows_another_name(browser: Browser) -> None:
    """The list above may lack a page."""
    browser.signed_in(Person(groups=["operators"]))
    paths = [path for path in addresses(get_resolver().url_patterns) if "logout" not in path]
    assert len(paths) > 25
    titled = set()
    for path in paths:
        response: HttpResponse = browser.get(path, headers={"sec-fetch-mode": "navigate"})  # type: ignore[assignment] # as above
        if response.headers.get("Content-Type", "").startswith("text/html"):
            assert "gatehouse" not in seen(response).lower(), path
            if NAME in seen(response):
                titled.add(path)
    assert {"/", "/accounts/profile/"} <= titled
    assert "/api/v1/docs" in titled  # only with docs-page
    assert "/admin/" in titled  # only with console
