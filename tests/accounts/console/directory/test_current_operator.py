"""Every write of an operator needs the rights that the user pool's groups give at that moment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent, BrowserSession, User
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import Api
from tests.accounts.console.directory.test_faults import members
from tests.support.answers import assert_problem
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

# Operations of the pool that change nothing.
READS = re.compile(r"(AdminGet|AdminList|Get|List)")
# Signing out needs no rights, and the login view only redirects.
NO_WRITES = ("/admin/logout/", "/admin/login/")


def written_paths(prefix: str) -> Iterator[str]:
    """Return an address of every URL pattern below a prefix, with a value for each parameter."""
    yield from (
        path for path in _paths(get_resolver("project.urls"), "/") if path.startswith(prefix)
    )


def _paths(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        path = prefix + re.sub(r"<[^>]+>", "1", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _paths(one, path)
        elif isinstance(one, URLPattern):
            yield re.sub(r"\(\?P1[^)]*\)|[\^$]|\(1[^)]*\)", "accounts", path)


ADMIN_PATHS = sorted(set(written_paths("/admin/")) - set(NO_WRITES))
API_PATHS = sorted(set(written_paths("/api/v1/operators/")))


@pytest.fixture
def break_operator(stub: PoolStub) -> Callable[[str, str], None]:
    """Makes the pool report that the operator `sub` has no rights, or not answer."""

    def break_it(sub: str, how: str) -> None:
        match how:
            case "removed":
                stub.operators[sub] = lambda: ["readers"]
            case "disabled":
                stub.operator_members = {"Enabled": False}
            case "another user":
                stub.operator_members = {"UserAttributes": [{"Name": "sub", "Value": "new"}]}
            case "unavailable":
                stub.operator_fault = "reset"
            case "deleted":
                del stub.operators[sub]
                stub.refuse("AdminGetUser", "UserNotFoundException")

    return break_it


def assert_nothing_was_written(stub: PoolStub) -> None:
    assert [call.operation for call in stub.received if not READS.match(call.operation)] == []


def test_all_write_paths_of_operators_are_enumerated() -> None:
    assert "/admin/accounts/user/1/change/" in ADMIN_PATHS
    assert "/admin/accounts/browsersession/1/delete/" in ADMIN_PATHS
    assert "/admin/auth/group/add/" in ADMIN_PATHS
    assert "/admin/accounts/directory/users/1/1/" in ADMIN_PATHS
    assert "/admin/accounts/directory/bulk/" in ADMIN_PATHS
    assert "/api/v1/operators/users/1/add-to-group" in API_PATHS
    assert len(ADMIN_PATHS) > 30
    assert len(API_PATHS) > 14


@pytest.mark.slow
@pytest.mark.parametrize("how", ["removed", "unavailable"])
def test_write_in_the_admin_is_refused_unless_the_pool_confirms_the_rights(
    client: Client, root: User, stub: PoolStub, break_operator: Callable[[str, str], None], how: str
) -> None:
    break_operator(root.sub, how)
    for path in ADMIN_PATHS:
        # Restore the rights that the previous answer of the pool removed, with a renewed session.
        User.objects.update(is_staff=True, is_superuser=True)
        BrowserSession.objects.update(renewed_at=timezone.now())
        before = AuditEvent.objects.filter(action="operator_check").count()
        answer = client.post(path, {"post": "yes", "is_active": "", "sure": "yes"})
        assert answer.status_code == (503 if how == "unavailable" else 403), path
        refusals = AuditEvent.objects.filter(action="operator_check", outcome="failure")
        assert refusals.count() == before + 1, path
        assert refusals.latest("pk").actor_sub == "root"
    assert_nothing_was_written(stub)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["removed", "unavailable"])
def test_write_in_the_api_is_refused_unless_the_pool_confirms_the_rights(
    api: Api, stub: PoolStub, break_operator: Callable[[str, str], None], how: str
) -> None:
    break_operator(api.sub, how)
    tried = 0
    for path in API_PATHS:
        allowed = api.call(api.token, path, method="OPTIONS")["Allow"].split(", ")
        for method in {"POST", "PUT", "PATCH", "DELETE"} & set(allowed):
            body = json.dumps({"email": "ada@example.com"})
            answer = api.call(
                api.token, path, method=method, data=body, content_type="application/json"
            )
            expected = (503, "transport_error") if how == "unavailable" else (403, "not_in_group")
            assert_problem(answer, *expected)
            tried += 1
    assert tried >= 14
    assert_nothing_was_written(stub)
    refusals = AuditEvent.objects.filter(action="operator_check", outcome="failure")
    assert refusals.count() == tried
    assert set(refusals.values_list("actor_sub", flat=True)) == {api.sub}


@pytest.mark.parametrize("how", ["disabled", "deleted", "another user"])
def test_operator_who_is_disabled_or_deleted_in_the_pool_cannot_write(
    *,
    client: Client,
    root: User,
    api: Api,
    stub: PoolStub,
    break_operator: Callable[[str, str], None],
    how: str,
) -> None:
    for sub in (root.sub, api.sub):
        break_operator(sub, how)
    invitation = {"email": "a@example.com"}
    assert client.post("/admin/accounts/directory/invite/", invitation).status_code == 403
    assert_problem(api.post("/api/v1/operators/users", **invitation), 403, "not_in_group")
    assert_nothing_was_written(stub)


def test_removed_operator_cannot_give_another_account_the_rights(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    api.groups = ("operators",)
    old_token = api.token
    stub.operators[api.sub] = list
    body = json.dumps({"group": "operators"})
    answer = api.call(
        old_token,
        f"/api/v1/operators/users/{ada.username}/add-to-group",
        method="POST",
        data=body,
        content_type="application/json",
    )
    assert_problem(answer, 403, "not_in_group")
    assert stub.calls("AdminAddUserToGroup") == []


def test_write_in_the_api_uses_the_rights_of_the_pool_and_not_of_the_token(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    token = api.token
    stub.operators[api.sub] = lambda: ["operators"]
    assert "admins" in api.groups
    answer = api.call(
        token,
        f"/api/v1/operators/users/{ada.username}/delete",
        method="POST",
        data=json.dumps({"email": ada.email}),
        content_type="application/json",
    )
    assert_problem(answer, 403, "permission_missing")
    assert stub.calls("AdminDeleteUser") == []


def test_first_write_of_a_removed_operator_removes_the_rights_of_the_row(
    client: Client, root: User, stub: PoolStub
) -> None:
    stub.operators["root"] = list
    page = client.post("/admin/accounts/directory/invite/", {"email": "a@example.com"})
    assert page.status_code == 403
    assert "You are not in a group that may do this." in page.content.decode()
    root.refresh_from_db()
    assert (root.is_staff, root.is_superuser) == (False, False)
    BrowserSession.objects.update(renewed_at=timezone.now())
    assert client.get("/admin/").status_code == 403
    change = AuditEvent.objects.get(action="group_change")
    assert (change.actor_sub, change.detail) == ("root", "")


# --- The user on which the operator acts


@pytest.fixture
def operator(client: Client, stub: PoolStub, enter: Callable[[User], None]) -> Client:
    """A plain operator, signed in."""
    stub.operators["olivia"] = lambda: ["operators"]
    row = User.objects.create(issuer=django_settings.COGNITO_ISSUER, sub="olivia", is_staff=True)
    row.groups.add(Group.objects.get(name="operators"))
    enter(row)
    return client


@pytest.fixture
def promoted(stub: PoolStub, settings: Settings) -> BrowserSession:
    """A session of the only superuser, promoted in the pool after the last renewal."""
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"admins"})
    stub.operators["promoted"] = lambda: ["admins"]
    stub.answer("ListUsersInGroup", members("promoted"))
    row = User.objects.create(issuer=settings.COGNITO_ISSUER, sub="promoted")
    now = timezone.now()
    return BrowserSession.objects.create(
        user=row, signed_in_at=now, last_seen_at=now, renewed_at=now
    )


def paths_to(session: BrowserSession) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the actions on the user of a session in Django's own lists."""
    return {
        "switch_off_user": (f"/admin/accounts/user/{session.user.pk}/change/", {}),
        "sign_out_device": (
            f"/admin/accounts/browsersession/{session.pk}/delete/",
            {"post": "yes"},
        ),
    }


@pytest.mark.parametrize("action", ["switch_off_user", "sign_out_device"])
def test_operator_cannot_act_on_a_superuser_whose_row_is_outdated(
    operator: Client, promoted: BrowserSession, action: str
) -> None:
    path, form = paths_to(promoted)[action]
    answer = operator.post(path, form)
    assert answer.status_code == 403
    assert "rights that you do not have" in answer.content.decode()
    promoted.user.refresh_from_db()
    assert promoted.user.is_active
    assert BrowserSession.objects.filter(pk=promoted.pk).exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.outcome, event.detail, event.subject_sub) == (
        action,
        "failure",
        "more_rights",
        "promoted",
    )


def test_enabling_a_superuser_on_this_site_needs_the_rights_of_the_pool(
    operator: Client, promoted: BrowserSession
) -> None:
    User.objects.filter(sub="promoted").update(is_active=False)
    path, _ = paths_to(promoted)["switch_off_user"]
    assert operator.post(path, {"is_active": "on"}).status_code == 403
    assert not User.objects.get(sub="promoted").is_active
    assert AuditEvent.objects.latest("pk").action == "switch_on_user"


@pytest.mark.parametrize("action", ["switch_off_user", "sign_out_device"])
def test_user_is_unchanged_while_the_pool_is_unavailable(
    operator: Client, stub: PoolStub, action: str
) -> None:
    row = User.objects.create(issuer=django_settings.COGNITO_ISSUER, sub="bob")
    now = timezone.now()
    session = BrowserSession.objects.create(
        user=row, signed_in_at=now, last_seen_at=now, renewed_at=now
    )
    stub.misbehave("AdminGetUser", "status:503")
    path, form = paths_to(session)[action]
    answer: Any = operator.post(path, form)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    row.refresh_from_db()
    assert row.is_active
    assert BrowserSession.objects.filter(pk=session.pk).exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.outcome, event.subject_sub) == (action, "failure", "bob")


# --- Permissions of the operator's row


def test_first_write_removes_permissions_given_by_hand(operator: Client, stub: PoolStub) -> None:
    row = User.objects.get(sub="olivia")
    row.user_permissions.add(Permission.objects.get(codename="manage_groups"))
    row.groups.add(Group.objects.create(name="by-hand"))
    stub.answer("ListGroups", {"Groups": []})
    answer = operator.post("/admin/accounts/directory/groups/", {"name": "mine"})
    assert answer.status_code == 403
    assert not row.user_permissions.exists()
    assert [group.name for group in row.groups.all()] == ["operators"]
    assert stub.calls("CreateGroup") == []


# --- Second factors


@pytest.mark.parametrize("path", ["/admin/accounts/user/", "/admin/accounts/auditevent/"])
def test_operator_without_a_required_second_factor_gets_no_page(
    operator: Client, stub: PoolStub, settings: Settings, path: str
) -> None:
    assert operator.get(path).status_code == 200
    assert stub.checks == []
    settings.COGNITO_STAFF_REQUIRE_MFA = True
    for refused in (path, "/admin/"):
        answer = operator.get(refused)
        assert answer.status_code == 403
        assert 'href="/accounts/second-factor/"' in answer.content.decode()
    assert AuditEvent.objects.latest("pk").detail.endswith(": operator_second_factor_required")
    stub.operator_members = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}
    assert operator.get(path).status_code == 200
    asked = len(stub.checks)
    assert operator.get(path).status_code == 200
    assert len(stub.checks) == asked, "the pool is asked only as often as a session is renewed"
    stub.operator_members = {}
    answer = operator.post("/admin/accounts/directory/invite/", {"email": "a@example.com"})
    assert answer.status_code == 403


def test_bearer_token_without_a_required_second_factor_reads_nothing(
    api: Api, stub: PoolStub, settings: Settings
) -> None:
    settings.COGNITO_STAFF_REQUIRE_MFA = True
    for path in ("/api/v1/operators/audit-events", "/api/v1/operators/groups"):
        assert_problem(api.get(path), 403, "operator_second_factor_required")
    stub.operator_members = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}
    assert api.get("/api/v1/operators/audit-events").status_code == 200
