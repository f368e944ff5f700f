"""What operators do with an old sign-in: dangerous pages ask them to confirm who they are."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import AuditEvent, User
from accounts.sessions import authentication
from cognito.directory.records import DirectoryUser
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

CONFIRM = "/accounts/confirm/?"
DIRECTORY = "/admin/accounts/directory/"
GROUPS = f"{DIRECTORY}groups/"
BULK = f"{DIRECTORY}bulk/"
PERMISSIONS = "/admin/auth/group/"
TRAIL = "/admin/accounts/auditevent/"
# `{user}` and `{group}` are a user of the pool and a group of this site.
PAGES = [
    f"{DIRECTORY}users/{{user}}/delete/",
    f"{DIRECTORY}users/{{user}}/add-to-group/",
    f"{DIRECTORY}users/{{user}}/remove-from-group/",
    f"{DIRECTORY}users/{{user}}/set-temporary-password/",
    f"{GROUPS}readers/edit/",
    f"{GROUPS}readers/delete/",
    f"{PERMISSIONS}add/",
    f"{PERMISSIONS}{{group}}/change/",
    f"{PERMISSIONS}{{group}}/delete/",
]
HARMLESS = [
    DIRECTORY,
    GROUPS,
    f"{DIRECTORY}users/{{user}}/",
    f"{DIRECTORY}users/{{user}}/disable/",
    PERMISSIONS,
    TRAIL,
]
WRITES = {
    "AdminDeleteUser",
    "AdminAddUserToGroup",
    "AdminRemoveUserFromGroup",
    "AdminSetUserPassword",
    "CreateGroup",
    "UpdateGroup",
    "DeleteGroup",
}


def set_age(client: Client, seconds: int) -> None:
    """Set the age of the sign-in of the browser."""
    session = client.session
    session[authentication.SESSION_KEY] = [int(time.time()) - seconds, None]
    session.save()


@pytest.fixture
def old(client: Client, root: User, stub: PoolStub) -> Client:
    """A browser of a superuser whose sign-in is an hour old."""
    stub.answer("ListGroups", {"Groups": [{"GroupName": "readers"}]})
    stub.answer("ListUsers", {"Users": []})
    set_age(client, 3600)
    return client


def path_of(template: str, ada: DirectoryUser) -> str:
    return template.format(user=ada.username, group=Group.objects.get(name="operators").pk)


def way_back(response: Any) -> str:
    assert response.status_code == 302, response.content
    assert response["Location"].startswith(CONFIRM)
    return str(parse_qs(urlsplit(response["Location"]).query)["next"][0])


@pytest.mark.slow
@pytest.mark.parametrize("template", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_dangerous_page_needs_a_recent_sign_in(
    old: Client, stub: PoolStub, ada: DirectoryUser, template: str, method: str
) -> None:
    path = path_of(template, ada)
    values = {"argument": "readers", "name": "x", "description": "x"} if method == "post" else {}
    assert urlsplit(way_back(getattr(old, method)(path, values))).path == path
    assert not any(stub.calls(name) for name in WRITES)
    set_age(old, 10)
    assert old.get(path).status_code == 200


@pytest.mark.parametrize("template", HARMLESS)
def test_other_pages_need_no_recent_sign_in(old: Client, ada: DirectoryUser, template: str) -> None:
    assert old.get(path_of(template, ada)).status_code == 200


def test_operator_without_the_permission_is_not_asked(
    old: Client, root: User, stub: PoolStub
) -> None:
    stub.operators["root"] = lambda: ["operators"]
    User.objects.filter(pk=root.pk).update(is_superuser=False)
    root.groups.add(Group.objects.get(name="operators"))
    assert old.get(f"{GROUPS}readers/delete/").status_code == 403


def test_new_group_is_created_only_after_the_operator_sends_the_form_again(
    old: Client, stub: PoolStub
) -> None:
    back = way_back(old.post(GROUPS, {"name": "writers", "description": "They <write>"}))
    set_age(old, 10)
    page = old.get(back).content.decode()
    assert 'value="writers"' in page
    assert 'value="They &lt;write&gt;"' in page
    assert not stub.calls("CreateGroup")


def test_edit_of_a_group_is_shown_again(old: Client) -> None:
    back = way_back(old.post(f"{GROUPS}readers/edit/", {"description": "New", "precedence": "7"}))
    set_age(old, 10)
    page = old.get(back).content.decode()
    assert 'value="New"' in page
    assert 'value="7"' in page


def test_permissions_of_a_group_are_shown_again(old: Client) -> None:
    group = Group.objects.get(name="operators")
    chosen = Permission.objects.get(codename="manage_groups")
    path = f"{PERMISSIONS}{group.pk}/change/"
    back = way_back(old.post(path, {"name": "operators", "permissions": [str(chosen.pk)]}))
    set_age(old, 10)
    before = set(group.permissions.all())
    page = old.get(back).content.decode()
    assert page.count(" checked") == 1
    assert f'value="{chosen.pk}"' in page
    assert set(group.permissions.all()) == before
    assert old.post(back, {"name": "operators", "permissions": [chosen.pk]}).status_code == 302
    assert set(group.permissions.all()) == {chosen}


def test_selected_users_are_shown_again(old: Client, stub: PoolStub, ada: DirectoryUser) -> None:
    chosen = {"action": "add-to-group", "user": [f"{ada.username} ada@example.com"]}
    form = {**chosen, "sure": "yes", "argument": "readers"}
    back = way_back(old.post(BULK, form))
    set_age(old, 10)
    page = old.get(back).content.decode()
    assert f'value="{ada.username} ada@example.com"' in page
    assert '<option value="readers" selected>' in page
    assert not stub.calls("AdminAddUserToGroup")
    assert old.get(BULK).status_code == 405


def test_temporary_password_is_not_kept(old: Client, ada: DirectoryUser) -> None:
    path = f"{DIRECTORY}users/{ada.username}/set-temporary-password/"
    assert way_back(old.post(path, {"argument": "a temporary password"})) == path


def test_bulk_action_that_is_harmless_needs_no_recent_sign_in(
    old: Client, ada: DirectoryUser
) -> None:
    form = {"action": "disable", "user": [f"{ada.username} ada@example.com"]}
    assert old.post(BULK, form).status_code == 200


def test_export_leads_back_to_the_list_with_its_filters(old: Client) -> None:
    query = "?action__exact=sign_in"
    assert way_back(old.get(f"{TRAIL}export/{query}")) == f"{TRAIL}{query}"
    assert not AuditEvent.objects.filter(action="export_audit_events").exists()
    set_age(old, 10)
    assert old.get(f"{TRAIL}export/{query}")["Content-Type"].startswith("text/csv")
