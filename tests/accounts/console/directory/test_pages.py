"""The directory in the admin, against a real pool."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.console.directory.actions import ACTIONS
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory
from cognito.errors import GroupNotFound, UserNotFound
from tests.accounts.console.conftest import NewUser, last_event, row_of, session_of
from tests.support.pool_stub import PoolStub

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]

NewAdmin = Callable[..., Client]

LIST = "/admin/accounts/directory/"
BULK = f"{LIST}bulk/"
GROUPS = f"{LIST}groups/"
# No server listens at this address.
SILENCE = "http://127.0.0.1:9"


@pytest.fixture
def admin(new_admin: NewAdmin) -> Client:
    return new_admin()


def page_of(user: DirectoryUser) -> str:
    return reverse("admin:accounts_directory_user", args=[user.username.replace("_", "_5F")])


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()
    return str(response.content.decode())


def do(admin: Client, action: str, user: DirectoryUser, **form: str) -> Any:
    return admin.post(f"{page_of(user)}{action}/", form)


def test_admin_shows_the_directory_to_operators(admin: Client) -> None:
    assert LIST in text(admin.get("/admin/"))
    page = text(admin.get(LIST))
    assert "Invite a user" in page
    assert "operator@example.com" in page


def test_directory_is_hidden_from_staff_without_permission(admin: Client) -> None:
    Group.objects.get(name="operators").permissions.clear()
    assert LIST not in text(admin.get("/admin/"))
    for path in (LIST, f"{LIST}users/x/", GROUPS, f"{LIST}invite/", f"{LIST}users/x/disable/"):
        assert "None of your groups has the permission" in text(admin.get(path), 403)


def test_form_sent_without_permission_is_recorded(admin: Client, new_user: NewUser) -> None:
    user = new_user()
    Group.objects.get(name="operators").permissions.clear()
    for path, form, event, label in (
        (f"{page_of(user)}disable/", {}, "disable_user", user.username),
        (f"{LIST}invite/", {"email": "a@example.com"}, "invite_user", ""),
        (f"{GROUPS}operators/edit/", {}, "update_group", "operators"),
        (f"{GROUPS}operators/delete/", {}, "delete_group", "operators"),
        (BULK, {"action": "enable", "user": ["a A", "b B"]}, "enable_user", "a, b"),
    ):
        before = AuditEvent.objects.count()
        assert admin.get(path).status_code in {403, 405}
        assert AuditEvent.objects.count() == before, "a GET is not recorded"
        assert admin.post(path, form).status_code == 403, path
        latest = AuditEvent.objects.latest("pk")
        assert (latest.action, latest.detail, latest.subject_label) == (
            event,
            "permission_missing",
            label,
        )


def test_users_are_searched_filtered_and_paged(admin: Client, new_user: NewUser) -> None:
    mark = uuid.uuid4().hex[:8]
    users = [new_user(name=f"{mark} {number:02}") for number in range(21)]
    first = text(admin.get(LIST, {"field": "name", "q": mark.upper()}))
    assert first.count('name="user"') == 20
    (link,) = re.findall(r'href="\?([^"]*page=[^"]*)"', first)
    assert text(admin.get(f"{LIST}?{link.replace('&amp;', '&')}")).count('name="user"') == 1
    found = text(admin.get(LIST, {"field": "sub", "q": users[3].sub[:13]}))
    assert f"{mark} 03" in found
    assert found.count('name="user"') == 1
    none_found = text(admin.get(LIST, {"field": "name", "q": mark, "status": "DISABLED"}))
    assert "No users match" in none_found


def test_invalid_search_is_refused(admin: Client) -> None:
    assert "Select a valid choice" in text(admin.get(LIST, {"status": "unknown"}), 400)


def test_user_is_shown_in_full_and_escaped(admin: Client, new_user: NewUser) -> None:
    user = new_user("operators", name="<script>alert(1)</script>")
    row = row_of(user)
    session_of(row)
    page = text(admin.get(page_of(user)))
    for part in (user.email, user.sub, "Must set a password", "operators", "Unknown browser"):
        assert part in page, part
    assert "<script>alert" not in page
    assert f"/admin/accounts/user/{row.pk}/change/" in page
    assert f"{page_of(user)}delete/" not in page
    assert admin.get(f"{LIST}users/missing/").status_code == 404
    assert admin.get(f"{LIST}users/{'_' * 300}/").status_code in {404, 409}


def test_user_is_invited(admin: Client, pool: Directory) -> None:
    email = f"{uuid.uuid4()}@example.com"
    response = admin.post(f"{LIST}invite/", {"email": email, "name": "Bob"})
    user = pool.user(email)
    assert (response.status_code, response["Location"]) == (302, page_of(user))
    assert f"sends an invitation to {email}" in text(admin.get(page_of(user)))
    again = admin.post(f"{LIST}invite/", {"email": email})
    assert "This e-mail address is already in use." in text(again, 409)
    assert "valid email" in text(admin.post(f"{LIST}invite/", {"email": "invalid"}))


@pytest.mark.parametrize("action", ["disable", "sign-out", "reset-password", "confirm", "enable"])
def test_action_asks_for_confirmation_first(admin: Client, new_user: NewUser, action: str) -> None:
    user = new_user()
    before = AuditEvent.objects.count()
    question = text(admin.get(f"{page_of(user)}{action}/"))
    assert str(ACTIONS[action].consequence) in question
    assert AuditEvent.objects.count() == before
    response = do(admin, action, user)
    assert (response.status_code, response["Location"]) == (302, page_of(user))
    assert str(ACTIONS[action].done) in text(admin.get(page_of(user)))
    assert last_event()[:2] == (ACTIONS[action].event, "success")


def test_disabling_a_user_ends_the_sessions_on_this_site(
    admin: Client, new_user: NewUser, pool: Directory
) -> None:
    user = new_user()
    session = session_of(row_of(user))
    do(admin, "disable", user)
    assert not BrowserSession.objects.filter(pk=session.pk).exists()
    assert Revocation.objects.get().sub == user.sub
    assert not pool.user(user.username).is_enabled


def test_temporary_password_is_generated_and_shown_once(
    admin: Client, new_user: NewUser, pool: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    user = new_user()
    pool.confirm(user.username)
    question = text(admin.get(f"{page_of(user)}set-temporary-password/"))
    assert 'name="argument"' not in question
    done = do(admin, "set-temporary-password", user, argument="a password of the operator")
    page = text(done)
    (password,) = re.findall(r'value="((?:[A-Za-z2-9]{5}-){3}[A-Za-z2-9]{5})"', page)
    assert "It expires in 3 days." in page
    assert "no-store" in done["Cache-Control"]
    assert pool.user(user.username).status == "FORCE_CHANGE_PASSWORD"
    for place in (
        str(list(AuditEvent.objects.values())),
        str(dict(admin.session)),
        str(admin.cookies),
        caplog.text,
        text(admin.get(page_of(user))),
        text(admin.get(f"{page_of(user)}set-temporary-password/")),
    ):
        assert password not in place
    again = text(do(admin, "set-temporary-password", user))
    assert password not in again, "each one is new"


def test_user_is_added_to_and_removed_from_a_group(
    admin: Client, new_user: NewUser, pool: Directory
) -> None:
    user = new_user()
    assert 'value="operators"' in text(admin.get(f"{page_of(user)}add-to-group/"))
    assert do(admin, "add-to-group", user, argument="operators").status_code == 302
    assert 'value="operators"' not in text(admin.get(f"{page_of(user)}add-to-group/"))
    assert 'value="operators"' in text(admin.get(f"{page_of(user)}remove-from-group/"))
    assert do(admin, "remove-from-group", user, argument="operators").status_code == 302
    assert pool.groups_of(user.username) == []
    assert "Select a valid choice" in text(do(admin, "add-to-group", user, argument="nowhere"))


def test_deletion_needs_the_address_of_the_user(
    new_admin: NewAdmin, new_user: NewUser, pool: Directory
) -> None:
    admin, user = new_admin(is_superuser=True), new_user()
    wrong = text(do(admin, "delete", user, argument="another@example.com"), 403)
    assert "Nothing was deleted." in wrong
    assert pool.user(user.username)
    response = do(admin, "delete", user, argument=user.email)
    assert (response.status_code, response["Location"]) == (302, LIST)
    with pytest.raises(UserNotFound):
        pool.user(user.username)
    assert "The account is deleted." in text(admin.get(LIST))


def test_operator_without_permission_cannot_delete(
    admin: Client, new_user: NewUser, pool: Directory
) -> None:
    user = new_user()
    assert f"{page_of(user)}delete/" not in text(admin.get(page_of(user)))
    for answer in (
        admin.get(f"{page_of(user)}delete/"),
        do(admin, "delete", user, argument=user.email),
    ):
        assert answer.status_code == 403
    assert pool.user(user.username)


@pytest.mark.parametrize("action", ["disable", "add-to-group"])
def test_pages_apply_the_rules_for_actions(
    new_admin: NewAdmin,
    new_user: NewUser,
    pool: Directory,
    root_group: str,
    action: str,
) -> None:
    me, root = new_user("operators"), new_user(root_group)
    admin = new_admin(me)
    assert "your own account" in text(do(admin, action, me, argument=root_group), 403)
    assert "rights that you do not have" in text(do(admin, action, root, argument="operators"), 403)
    assert pool.user(me.username).is_enabled
    assert pool.user(root.username).is_enabled
    assert [group.name for group in pool.groups_of(me.username)] == ["operators"]


def test_action_needs_a_post_with_a_csrf_token(
    admin: Client, new_user: NewUser, pool: Directory
) -> None:
    user = new_user()
    for action in ACTIONS:
        admin.get(f"{page_of(user)}{action}/", {"argument": user.email, "sure": "yes"})
    assert admin.get(BULK).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    assert strict.post(f"{page_of(user)}disable/").status_code == 403
    assert pool.user(user.username).is_enabled
    assert not AuditEvent.objects.exists()


# --- Several users at once


def chosen(*users: DirectoryUser) -> list[str]:
    return [f"{user.username} {user.label}" for user in users]


def test_bulk_action_shows_a_result_for_each_user(
    admin: Client, new_user: NewUser, pool: Directory, root_group: str
) -> None:
    one, root, two = new_user(name="One"), new_user(root_group, name="Root"), new_user(name="Two")
    form = {"action": "disable", "user": [*chosen(one, root, two), "missing Missing"]}
    question = text(admin.post(BULK, form))
    assert root.email in question
    assert pool.user(one.username).is_enabled
    result = text(admin.post(BULK, {**form, "sure": "yes"}))
    assert result.count("<td>Yes</td>") == 2
    assert result.count(">No</strong>") == 2
    assert "rights that you do not have" in result
    enabled = [pool.user(user.username).is_enabled for user in (one, root, two)]
    assert enabled == [False, True, False]
    outcomes = AuditEvent.objects.order_by("pk").values_list("subject_label", "outcome")
    assert list(outcomes) == [
        (one.email, "success"),
        (root.email, "failure"),
        (two.email, "success"),
        ("missing", "failure"),
    ]


def test_several_users_are_added_to_a_group(
    admin: Client, new_user: NewUser, pool: Directory
) -> None:
    users = [new_user(), new_user()]
    form = {"action": "add-to-group", "user": chosen(*users), "sure": "yes"}
    assert "This field is required" in text(admin.post(BULK, form))
    assert text(admin.post(BULK, {**form, "argument": "operators"})).count("<td>Yes</td>") == 2
    for user in users:
        assert [group.name for group in pool.groups_of(user.username)] == ["operators"]


@pytest.mark.parametrize("form", [{}, {"action": "delete", "user": "x x"}, {"action": "disable"}])
def test_bulk_action_without_users_or_with_an_unknown_action_does_nothing(
    admin: Client, form: dict[str, str]
) -> None:
    assert admin.post(BULK, {**form, "sure": "yes"}).status_code == 302
    assert not AuditEvent.objects.exists()


# --- Groups


def test_groups_are_listed_with_their_rights(
    admin: Client, new_user: NewUser, new_group: str
) -> None:
    user = new_user(new_group)
    listed = text(admin.get(GROUPS))
    assert "The admin, 11 permissions" in listed
    assert "New group" not in listed
    assert "Can invite users" in text(admin.get(f"{GROUPS}operators/"))
    assert page_of(user) in text(admin.get(f"{GROUPS}{new_group}/"))
    assert admin.get(f"{GROUPS}nowhere/").status_code == 404


def test_superuser_creates_and_deletes_a_group(new_admin: NewAdmin, pool: Directory) -> None:
    admin, name = new_admin(is_superuser=True), f"tea_{uuid.uuid4()}"
    assert admin.post(GROUPS, {"name": name, "description": "Tea"}).status_code == 302
    assert name in text(admin.get(GROUPS))
    assert "is there" not in text(admin.post(GROUPS, {"name": name}), 409)
    address = f"{GROUPS}{name.replace('_', '_5F')}/delete/"
    assert "Their accounts are kept" in text(admin.get(address))
    assert admin.post(address).status_code == 302
    with pytest.raises(GroupNotFound):
        pool.group(name)
    refused = text(admin.post(f"{GROUPS}operators/delete/"), 403)
    assert "configuration names this group" in refused
    assert pool.group("operators")


def test_permission_to_manage_groups_is_enough_to_create_one(
    admin: Client, pool: Directory
) -> None:
    permission = Permission.objects.get(codename="manage_groups")
    assert admin.post(GROUPS, {"name": "tea"}).status_code == 403
    Group.objects.get(name="operators").permissions.add(permission)
    assert admin.post(GROUPS, {"name": "tea"}).status_code == 302
    pool.delete_group("tea")


def test_only_superuser_can_change_permissions_of_a_group(
    admin: Client, new_admin: NewAdmin
) -> None:
    operators = Group.objects.get(name="operators")
    operators.permissions.add(*Permission.objects.filter(content_type__app_label="auth"))
    address = f"/admin/auth/group/{operators.pk}/change/"
    everything = [str(pk) for pk in Permission.objects.values_list("pk", flat=True)]
    answer = admin.post(address, {"name": "operators", "permissions": everything})
    assert answer.status_code == 403
    assert not operators.permissions.filter(codename="delete_users").exists()
    new_admin(is_superuser=True)
    answer = admin.post(address, {"name": "operators", "permissions": everything})
    assert answer.status_code == 302
    assert operators.permissions.filter(codename="delete_users").exists()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"action": "disable"}, "Select at least one user"),
        ({"user": "a A"}, "Select an action"),
        ({"action": "delete", "user": "a A"}, "Select an action"),
        ({}, "Select an action"),
    ],
)
def test_bulk_action_without_users_says_what_to_select(
    client: Client, root: User, stub: PoolStub, *, form: dict[str, str], words: str
) -> None:
    stub.answer("ListUsers", {"Users": []})
    answer = client.post(BULK, form)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert f"Nothing was done. {words}, then apply again." in text(client.get(LIST))


def test_message_keeps_the_case_of_an_address(
    client: Client, root: User, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.answer("ListUsers", {"Users": []})
    assert do(client, "enable", ada).status_code == 302
    page = text(client.get(LIST))
    assert f"{ada.email}: The account is enabled." in page
    assert "Ada@" not in page


# --- While the user pool is unavailable


def test_each_page_says_that_the_pool_is_unavailable(admin: Client, settings: Settings) -> None:
    settings.AWS_ENDPOINT_URL = SILENCE
    for path in (LIST, f"{LIST}users/x/", GROUPS, f"{GROUPS}x/", f"{LIST}users/x/disable/"):
        response = admin.get(path)
        assert "cannot be reached right now" in text(response, 503), path
        assert int(response["Retry-After"]) > 0
    form = {"action": "disable", "user": ["a A", "b B"], "sure": "yes"}
    for path, data in ((f"{LIST}invite/", {"email": "a@example.com"}), (BULK, form)):
        assert "cannot be reached right now" in text(admin.post(path, data), 503)
        assert last_event()[:2] == ("operator_check", "failure")
        assert last_event()[2].endswith(": transport_error")


def test_bulk_action_stops_when_the_pool_becomes_unavailable(
    client: Client, root: User, stub: PoolStub
) -> None:
    stub.misbehave("AdminGetUser", "status:503")
    form = {"action": "disable", "user": ["a A", "b B"], "sure": "yes"}
    result = text(client.post(BULK, form))
    assert result.count(">No</strong>") == 2
    assert result.count("Not attempted") == 1
    assert len(stub.calls("AdminGetUser")) == 1


def test_recorded_data_is_shown_while_the_pool_is_unavailable(
    admin: Client, new_user: NewUser, settings: Settings
) -> None:
    user = new_user()
    session_of(row_of(user))
    do(admin, "disable", user)
    session_of(row_of(new_user()))
    settings.AWS_ENDPOINT_URL = SILENCE
    page = text(admin.get(page_of(user)), 503)
    assert "</a> disabled <a" in page
    assert "Olivia Operator" in page
