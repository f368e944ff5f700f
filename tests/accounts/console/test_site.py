"""The admin site: access, and actions that are impossible for every operator."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from accounts import encryption
from accounts.models import AuditEvent, BrowserSession, User
from cognito.testing import TokenFactory
from tests.support.provider.browser import PROFILE, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

INDEX = "/admin/"


def admin_paths() -> list[str]:
    """Return an address of every view of the admin."""
    patterns = get_resolver("project.urls").url_patterns
    (resolver,) = [one for one in patterns if str(one.pattern) == "admin/"]
    assert isinstance(resolver, URLResolver)
    return sorted(set(_paths(resolver, "/")))


def _paths(resolver: URLResolver, prefix: str) -> list[str]:
    paths: list[str] = []
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            paths += _paths(one, prefix + str(resolver.pattern))
        elif isinstance(one, URLPattern):
            route = prefix + str(resolver.pattern) + str(one.pattern)
            for converter in (
                "<path:object_id>",
                "<path:content_type_id>",
                "<int:content_type_id>",
            ):
                route = route.replace(converter, "1")
            paths.append(route)
    return paths


PLAIN_PATHS = [
    "/admin/",
    "/admin/accounts/",
    "/admin/accounts/user/",
    "/admin/accounts/user/1/change/",
    "/admin/accounts/user/1/history/",
    "/admin/accounts/browsersession/",
    "/admin/accounts/auditevent/",
    "/admin/auth/group/",
    "/admin/jsi18n/",
    "/admin/autocomplete/",
    "/admin/r/1/1/",
    "/admin/no-such-page/",
    "/admin/login/",
    "/admin/password_change/",
]


def get_as_sent(browser: Browser, path: str) -> Any:
    """Request a path that the test client would normalize or read as a whole URL."""
    return browser.get("/", PATH_INFO=unquote_to_bytes(path).decode("latin-1"))


def operator(**changes: str) -> Person:
    return Person(groups=["operators"], **changes)  # type: ignore[arg-type] # labels alone


def stored_values_of(person: Person) -> dict[str, Any]:
    return dict(User.objects.filter(sub=person.sub).values().get())


def change_url(person: Person) -> str:
    return f"/admin/accounts/user/{User.objects.get(sub=person.sub).pk}/change/"


def test_admin_has_the_views_that_these_tests_request() -> None:
    import_module("accounts.console.urls")
    registered = {model.__name__ for model in apps.get_models() if admin.site.is_registered(model)}
    assert {"User", "BrowserSession", "AuditEvent"} <= registered
    assert len(admin_paths()) > 20
    assert not [path for path in admin_paths() if "password" in path]


@pytest.mark.parametrize("path", PLAIN_PATHS)
def test_visitor_is_redirected_to_the_hosted_ui(
    browser: Browser, provider: Provider, path: str
) -> None:
    for _ in range(4):
        response = browser.get(path)
        assert response.status_code == 302
        assert b"password" not in response.content
        path = response["Location"]
        if path.startswith(provider.url):
            return
        assert path.startswith("/")
    raise AssertionError(f"the redirects end at {path}, not at the hosted UI")


def test_no_view_of_the_admin_is_open_to_visitors(browser: Browser) -> None:
    for path in admin_paths():
        if "logout" not in path:
            assert browser.get(path).status_code in {302, 405}, path
            assert browser.post(path).status_code in {302, 405}, path


@pytest.mark.parametrize("path", PLAIN_PATHS)
def test_user_without_staff_rights_gets_a_page_that_says_so(browser: Browser, path: str) -> None:
    browser.signed_in(Person())
    assert browser.status_of(path) == 403
    assert b"You may not open this page" in browser.answers[-1].content
    assert browser.is_signed_in()


@pytest.mark.parametrize("path", [one for one in PLAIN_PATHS if "login" not in one])
def test_user_without_the_group_gets_a_403_without_a_redirect(browser: Browser, path: str) -> None:
    browser.signed_in(Person())
    assert browser.get(path).status_code == 403
    assert browser.post(path).status_code == 403


def test_operator_returns_to_the_requested_page_after_sign_in(browser: Browser) -> None:
    person = operator()
    browser.provider.person = person
    location = browser.get("/admin/accounts/user/")["Location"]
    login = browser.get(location)["Location"]
    response = browser.come_back(browser.visit_hosted_ui(login))
    assert response["Location"] == "/admin/accounts/user/"
    assert browser.get("/admin/accounts/user/").status_code == 200


def test_operator_cannot_edit_groups_and_permissions(browser: Browser) -> None:
    browser.signed_in(operator())
    granted = User.objects.get().get_all_permissions()
    assert all(permission.startswith("accounts.") for permission in granted)
    edits = {one for one in granted if re.match(r"accounts\.(add|change|delete)_", one)}
    assert edits == {"accounts.change_user", "accounts.delete_browsersession"}
    assert browser.status_of("/admin/auth/group/") == 403
    assert browser.status_of("/admin/accounts/user/add/") == 403
    assert browser.status_of("/admin/accounts/auditevent/add/") == 403


def test_operator_cannot_raise_rights_of_any_user(
    browser: Browser, new_browser: NewBrowser
) -> None:
    person, other = operator(), Person(email="victim@example.com")
    new_browser().signed_in(other)
    browser.signed_in(person)
    forged = {
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": ["1"],
        "user_permissions": ["1"],
        "email": "mallory@example.com",
        "sub": "another",
        "issuer": "another",
        "username": "another",
        "password": "another",
    }
    for target in (person, other):
        before = stored_values_of(target)
        page = browser.get(change_url(target)).content.decode()
        assert 'type="password"' not in page
        for name in set(forged) - {"is_active"}:
            assert f'name="{name}"' not in page
        assert browser.post(change_url(target), forged).status_code in {302, 403}
        assert stored_values_of(target) == before
        assert User.objects.get(sub=target.sub).user_permissions.count() == 0


@pytest.mark.parametrize(
    "path",
    ["/admin/accounts/auditevent/{}/change/", "/admin/accounts/auditevent/{}/delete/"],
)
def test_superuser_cannot_change_the_audit_trail(
    browser: Browser, settings: Settings, path: str
) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"admins"})
    browser.signed_in(Person(groups=["admins"]))
    before = list(AuditEvent.objects.values())
    url = path.format(AuditEvent.objects.earliest("pk").pk)
    assert browser.post(url, {"detail": "forged", "post": "yes"}).status_code == 403
    everything = {
        "action": "delete_selected",
        "_selected_action": [str(event["id"]) for event in before],
        "post": "yes",
    }
    browser.post("/admin/accounts/auditevent/", everything)
    assert list(AuditEvent.objects.values())[: len(before)] == before


def test_lists_and_forms_of_the_console_load_no_jquery(browser: Browser) -> None:
    browser.signed_in(operator())
    row = BrowserSession.objects.get()
    for path in (
        "user/",
        "auditevent/",
        "revocation/",
        "browsersession/",
        f"browsersession/{row.pk}/change/",
    ):
        page = browser.get(f"/admin/accounts/{path}").content.decode()
        assert "/styles/" in page
        assert "jquery" not in page, path


def test_sidebar_has_plain_names_and_marks_the_current_page(browser: Browser) -> None:
    browser.signed_in(operator())
    everything = [
        "Overview",
        "Users",
        "Groups",
        "Sessions",
        "Audit trail",
        "Revocations",
        "Local users",
    ]
    for path, current in (
        ("", "Overview"),
        ("accounts/", ""),
        ("accounts/auditevent/", "Audit trail"),
        ("accounts/browsersession/", "Sessions"),
        ("accounts/user/", "Local users"),
        (f"accounts/user/{User.objects.get().pk}/change/", "Local users"),
    ):
        page = browser.get(f"/admin/{path}").content.decode()
        sidebar = page.partition('<nav id="sidebar"')[2].partition("</nav>")[0]
        links = re.findall(
            r'<a href="[^"]+"( aria-current="page")?><svg.*?</svg>([^<]+)</a>', sidebar
        )
        assert [name for _, name in links] == everything, path
        assert "".join(name for mark, name in links if mark) == current, path


def test_operator_signs_a_device_out(browser: Browser, new_browser: NewBrowser) -> None:
    victim = new_browser().signed_in(Person())
    browser.signed_in(operator())
    row = BrowserSession.objects.get(user__is_staff=False)
    response = browser.post(f"/admin/accounts/browsersession/{row.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    assert not victim.is_signed_in()
    assert browser.is_signed_in()


def test_no_refresh_token_is_shown(browser: Browser) -> None:
    browser.signed_in(operator())
    row = BrowserSession.objects.get()
    secrets = {
        row.refresh_token,
        encryption.decrypt(row.refresh_token),
        row.origin_jti,
        *browser.provider.secrets,
    }
    assert "" not in secrets
    pages = [f"/admin/accounts/browsersession/{path}" for path in ("", f"{row.pk}/change/")]
    pages += [f"/admin/accounts/browsersession/{row.pk}/delete/", PROFILE]
    for path in pages:
        response = browser.get(path)
        assert response.status_code == 200
        shown = response.content.decode()
        assert not [secret for secret in secrets if secret in shown], path


def test_admin_cannot_be_framed(browser: Browser) -> None:
    browser.signed_in(operator())
    response = browser.get(INDEX)
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store" or "private" in response["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/%61dmin/",
        "//admin/",
        "///admin/",
        "/ADMIN/",
        "/Admin/",
        "/api/%2e%2e/admin/",
        "/api/../admin/",
        "/api/..%2fadmin/",
        "/admin;x/",
        "/admin/;x",
        "/%2561dmin/",
        "/static/../admin/",
        "/healthz/../admin/",
        "/./admin/",
        "/admin/.",
        "/admin%00/",
        "/admin%20/",
    ],
)
def test_no_spelling_of_the_address_bypasses_the_sign_in(
    browser: Browser, new_browser: NewBrowser, path: str
) -> None:
    assert get_as_sent(browser, path).status_code in {301, 302, 404}
    user = new_browser().signed_in(Person())
    assert get_as_sent(user, path).status_code in {301, 302, 403, 404}


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/", "///evil.example/x", "/\\evil"]
)
def test_address_with_two_slashes_does_not_redirect_to_another_site(
    browser: Browser, path: str
) -> None:
    response = get_as_sent(browser, path)
    assert response.status_code in {301, 404}
    location = response.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")


def test_bearer_token_gives_no_session_and_no_access_to_the_admin(
    browser: Browser, provider: Provider
) -> None:
    browser.signed_in(operator())
    (token,) = provider.pool.access_tokens
    browser.cookies.clear()
    response = browser.get(INDEX, HTTP_AUTHORIZATION=f"Bearer {token}")
    assert response.status_code == 302
    assert not browser.cookies


def test_forged_identity_header_signs_no_user_in(browser: Browser) -> None:
    User.objects.create(issuer="local", sub="admin", username="admin", is_superuser=True)
    for name in ("HTTP_X_FORWARDED_USER", "HTTP_REMOTE_USER", "HTTP_X_AMZN_OIDC_IDENTITY"):
        forged = {name: "admin"}
        assert browser.get(INDEX, **forged).status_code == 302  # type: ignore[arg-type] # of a header
    assert browser.status_of("/admin/") == 302


def test_sign_out_of_the_admin_also_signs_out_at_cognito(
    browser: Browser, provider: Provider
) -> None:
    browser.signed_in(operator())
    response = browser.post("/admin/logout/")
    assert response["Location"].startswith(f"{provider.url}/logout?")
    assert provider.hits("RevokeToken") == 1
    assert not browser.is_signed_in()


@pytest.mark.parametrize("groups", [["operators"], []])
def test_sign_out_of_the_admin_needs_no_staff_rights(
    browser: Browser, provider: Provider, clock: Clock, groups: list[str]
) -> None:
    """The session is idle for longer than the rights of its claims are valid."""
    browser.signed_in(Person(groups=groups))
    clock.advance(25 * 60)
    response = browser.post("/admin/logout/")
    assert response["Location"].startswith(f"{provider.url}/logout?")
    assert response["Cache-Control"] == "no-store"
    assert provider.hits("RevokeToken") == 1
    assert not BrowserSession.objects.exists()
    assert not browser.is_signed_in()


def test_sign_out_of_the_admin_needs_a_post_with_a_csrf_token(
    browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    strict = new_browser(enforce_csrf_checks=True).signed_in(operator())
    assert strict.post("/admin/logout/").status_code == 403
    assert strict.get("/admin/logout/").status_code == 405
    assert strict.is_signed_in()
    anonymous = browser.post("/admin/logout/")
    assert anonymous["Location"].startswith(f"{provider.url}/logout?")
    assert provider.hits("RevokeToken") == 0


def test_login_page_of_the_admin_redirects_a_signed_in_operator(browser: Browser) -> None:
    browser.signed_in(operator())
    response = browser.get("/admin/login/?next=/admin/accounts/user/")
    assert response["Location"] == "/admin/accounts/user/"
    evil = browser.get("/admin/login/?next=//evil.example/")
    assert evil["Location"] == "/admin/"


def test_operator_who_is_disabled_on_this_site_is_signed_out_at_the_next_request(
    browser: Browser, token_factory: TokenFactory
) -> None:
    browser.signed_in(operator())
    assert browser.status_of(INDEX) == 200
    User.objects.update(is_active=False)
    assert browser.status_of(INDEX) == 302
