"""No address of the admin reads a hidden column or causes a 500."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import product
from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.console.declared_lookups import DeclaredLookups
from accounts.console.directory.admin import DirectoryAdmin
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

LISTS = [
    "/admin/accounts/user/",
    "/admin/accounts/browsersession/",
    "/admin/accounts/auditevent/",
    "/admin/accounts/revocation/",
    "/admin/auth/group/",
]
EXPORT = "/admin/accounts/auditevent/export/"
VALUES = ["", "[", "-1", "9" * 5000, "\ud7ff", "a b " * 2000]
# Parameters of Django's admin, and values that could cause an error.
QUERIES = [
    *(("q", value) for value in ("(a+)+$", "' OR 1=1 --", "a b " * 2000, "\ud7ff")),
    *(("p", value) for value in ("", "x", "-1", "0", "9" * 30, "9" * 5000)),
    *(("o", value) for value in ("x", "-1.2", "9" * 30, "1.1.1")),
    *(("at__gte", value) for value in ("", "x", "0001-01-01 00:00:00+14:00", "2026-01-01")),
    *(("at__gte", value) for value in ("2026-99-99", "2026-W01-1", "2026-01-01T00:00")),
    ("at__lt", "9999-12-31 23:59:59-12:00"),
    *(("action__exact", value) for value in ("", "[", "a" * 300)),
    *(("is_active__exact", value) for value in ("", "x", "2")),
    *(("actor_sub", value) for value in ("", "a" * 3000)),
    ("_to_field", "sub"),
    ("_to_field", "id"),
    ("_popup", "x"),
    ("_facets", "x"),
    ("_changelist_filters", "x=%zz&&=["),
    ("all", ""),
    ("e", "1"),
]
HIDDEN = [
    "refresh_token__startswith",
    "refresh_token",
    "origin_jti__regex",
    "user__browser_sessions__refresh_token__startswith",
    "browser_sessions__refresh_token__contains",
    "user_agent__regex",
    "action__regex",
    "action__in",
    "actor_label__iregex",
    "groups__name",
    "permissions__codename__startswith",
    "user__password",
    "id__in",
    "pk",
    "sub__gt",
    "at__year",
    "at__gte__lt",
    "no_such_field",
    "a__b__c",
    "__",
]
IDENTIFIERS = ["-1", "x", "9" * 30, "%00", "%ff", "_5F"]


@pytest.fixture(autouse=True)
def rows(root: User) -> None:
    """A row in every list, so that each filter matches something."""
    now = timezone.now()
    AuditEvent.objects.create(action="sign_in", outcome="success", subject_sub="root")
    Revocation.objects.create(issuer="here", sub="bob", signed_in_until=now, expires_at=now)
    BrowserSession.objects.update(refresh_token="a secret", origin_jti="another secret")
    Group.objects.get_or_create(name="operators")


def test_every_list_of_the_admin_declares_its_lookups() -> None:
    import_module("accounts.console.urls")
    admins = [
        admin.site.get_model_admin(model)
        for model in apps.get_models()
        if admin.site.is_registered(model)
    ]
    others = [one for one in admins if not isinstance(one, DeclaredLookups | DirectoryAdmin)]
    assert len(admins) > 4
    assert others == [], "DirectoryAdmin has no view of Django's"


@pytest.mark.parametrize("path", [*LISTS, EXPORT])
def test_undeclared_lookup_is_refused(client: Client, path: str) -> None:
    for lookup in HIDDEN:
        assert client.get(path, {lookup: "[", "q": "a"}).status_code == 400, lookup


@pytest.mark.parametrize("path", [*LISTS, EXPORT])
def test_no_query_string_causes_a_500(client: Client, path: str) -> None:
    for name, value in QUERIES:
        answer = client.get(path, {name: value})
        assert answer.status_code in {200, 302, 400, 414}, (name, value[:20])
        if answer.status_code == 302:
            assert client.get(answer["Location"]).status_code == 200, (name, value[:20])


@pytest.mark.parametrize("path", [*LISTS, EXPORT])
def test_repeated_parameter_is_refused(client: Client, path: str) -> None:
    for name, value in (("actor_sub", "a"), ("is_active__exact", "1"), ("q", "a"), ("o", "1")):
        assert client.get(path, {name: [value, value]}).status_code == 400, name


def test_order_by_too_many_columns_is_ignored(client: Client) -> None:
    usual = client.get("/admin/accounts/user/").context["cl"].queryset.query.order_by
    for order, is_used in (("2.-1", True), (".".join(["1"] * 4000), False)):
        changes = client.get("/admin/accounts/user/", {"o": order}).context["cl"]
        assert ("o" in changes.params) is is_used
        assert (changes.queryset.query.order_by != usual) is is_used


@pytest.mark.parametrize("path", LISTS)
def test_no_identifier_in_an_address_causes_a_500(client: Client, path: str) -> None:
    for identifier, view in product(IDENTIFIERS, ("change", "delete", "history")):
        query = {"_popup": "1", "_changelist_filters": "x=%zz&&="}
        answer = client.get(f"{path}{identifier}/{view}/", query)
        assert answer.status_code in {302, 400, 403, 404}, (identifier, view)
    answer = client.get(f"{path}1/change/", {"_to_field": "sub"})
    assert answer.status_code in {302, 400, 403, 404}


@pytest.mark.parametrize("name", ["app_label", "model_name", "field_name", "term", "page"])
def test_no_query_of_the_autocomplete_view_causes_a_500(client: Client, name: str) -> None:
    good = {
        "app_label": "accounts",
        "model_name": "browsersession",
        "field_name": "user",
        "term": "root",
        "page": "1",
    }
    assert client.get("/admin/autocomplete/", good).status_code == 200
    for value in [*VALUES, "accounts", "auditevent", "refresh_token", "id"]:
        answer = client.get("/admin/autocomplete/", good | {name: value})
        assert answer.status_code in {200, 400, 403, 404, 414}, value[:20]


def test_no_address_of_the_directory_causes_a_500(client: Client, stub: PoolStub) -> None:
    stub.answer("ListUsers", {"Users": []})
    stub.answer("ListGroups", {"Groups": []})
    stub.answer("ListUsersInGroup", {"Users": []})
    for name, value in product(("field", "q", "status", "page"), VALUES):
        answer = client.get("/admin/accounts/directory/", {name: value})
        assert answer.status_code in {200, 400, 414}, (name, value[:20])
    for identifier in IDENTIFIERS:
        for place in ("users", "groups"):
            answer = client.get(f"/admin/accounts/directory/{place}/{identifier}/?page=%ff")
            assert answer.status_code in {200, 400, 404}, (place, identifier)
        for action in ("disable", "nothing"):
            path = f"/admin/accounts/directory/users/{identifier}/{action}/"
            assert client.get(path).status_code in {200, 404}, path
    for path in (
        "/admin/r/1/1/",
        "/admin/r/x/y/",
        f"/admin/r/1/{quote('é')}/",
        "/admin/jsi18n/?x=[",
    ):
        assert client.get(path).status_code in {200, 404}, path


def test_declared_lookups_still_filter(client: Client) -> None:
    page = client.get("/admin/accounts/user/", {"is_active__exact": "0"}).content.decode()
    assert "0 users" in page
    page = client.get("/admin/accounts/user/", {"is_active__exact": "1"}).content.decode()
    assert "1 user" in page
    # Each choice of a filter shows a list.
    trail = "/admin/accounts/auditevent/"
    listed = client.get(trail).content.decode()
    queries = [
        (name, value)
        for name, options in re.findall(
            r'<select name="([^"]+)".*?>(.*?)</select>', listed, re.DOTALL
        )
        for value in re.findall(r'<option value="([^"]+)"', options)
    ]
    assert len(queries) > 20
    for name, value in queries[::3]:
        assert client.get(trail, {name: value}).status_code == 200, (name, value)
