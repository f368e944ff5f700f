"""Every write of an operator is judged by the user pool's groups of that moment."""

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
    """An address of every URL pattern below a prefix, with a value in each place."""
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
    """Makes the pool say that an operator, by `sub`, has no rights, or say nothing."""

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


def test_the_write_paths_of_operators_are_all_enumerated() -> None:
    assert "/admin/accounts/user/1/change/" in ADMIN_PATHS
    assert "/admin/accounts/browsersession/1/delete/" in ADMIN_PATHS
    assert "/admin/auth/group/add/" in ADMIN_PATHS
    assert "/admin/accounts/directory/users/1/1/" in ADMIN_PATHS
    assert "/admin/accounts/directory/bulk/" in ADMIN_PATHS
    assert "/api/v1/operators/users/1/add-to-group" in API_PATHS
    assert len(ADMIN_PATHS) > 30
    assert len(API_PATHS) > 14


@pytest.mark.parametrize("how", ["removed", "unavailable"])
def test_no_write_in_the_admin_passes_without_the_pools_consent(
    client: Client, root: User, stub: PoolStub, break_operator: Callable[[str, str], None], how: str
) -> None:
    break_operator(root.sub, how)
    for path in ADMIN_PATHS:
        # As before the pool's answer took the rights away, and with the session as good as new.
        User.objects.update(is_staff=True, is_superuser=True)
        BrowserSession.objects.update(renewed_at=timezone.now())
        before = AuditEvent.objects.filter(action="operator_check").count()
        answer = client.post(path, {"post": "yes", "is_active": "", "sure": "yes"})
        assert answer.status_code == (503 if how == "unavailable" else 403), path
        refusals = AuditEvent.objects.filter(action="operator_check", outcome="failure")
        assert refusals.count() == before + 1, path
        assert refusals.latest("pk").actor_sub == "root"
    assert_nothing_was_written(stub)


@pytest.mark.parametrize("how", ["removed", "unavailable"])
def test_no_write_of_a_bearer_passes_without_the_pools_consent(
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
def test_operators_whom_the_pool_no_longer_knows_write_nothing(
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


def test_a_removed_operator_regains_nothing_through_a_puppet(
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


def test_a_bearer_writes_with_the_rights_of_the_pool_and_not_of_the_token(
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


def test_the_row_of_a_removed_operator_loses_its_rights_at_the_first_write(
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


# --- The user whose rights are changed


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
    """What may be done to the user of a session in Django's own lists."""
    return {
        "switch_off_user": (f"/admin/accounts/user/{session.user.pk}/change/", {}),
        "sign_out_device": (
            f"/admin/accounts/browsersession/{session.pk}/delete/",
            {"post": "yes"},
        ),
    }


@pytest.mark.parametrize("action", ["switch_off_user", "sign_out_device"])
def test_an_operator_reaches_no_superuser_whose_row_is_out_of_date(
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


def test_switching_a_superuser_on_is_judged_by_the_pool_as_well(
    operator: Client, promoted: BrowserSession
) -> None:
    User.objects.filter(sub="promoted").update(is_active=False)
    path, _ = paths_to(promoted)["switch_off_user"]
    assert operator.post(path, {"is_active": "on"}).status_code == 403
    assert not User.objects.get(sub="promoted").is_active
    assert AuditEvent.objects.latest("pk").action == "switch_on_user"


@pytest.mark.parametrize("action", ["switch_off_user", "sign_out_device"])
def test_nobodys_rights_are_touched_while_the_pool_cannot_be_asked_about_them(
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


# --- Permissions of the row itself


def test_permissions_given_by_hand_are_gone_at_the_first_write(
    operator: Client, stub: PoolStub
) -> None:
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


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/auditevent/"])
def test_an_operator_without_a_second_factor_gets_no_page_where_one_is_required(
    operator: Client, stub: PoolStub, settings: Settings, path: str
) -> None:
    assert operator.get(path).status_code == 200
    assert stub.checks == []
    settings.COGNITO_STAFF_REQUIRE_MFA = True
    answer = operator.get(path)
    assert answer.status_code == 403
    assert 'href="/accounts/second-factor/"' in answer.content.decode()
    assert AuditEvent.objects.latest("pk").detail.endswith(": operator_second_factor_required")
    stub.operator_members = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}
    assert operator.get(path).status_code == 200
    asked = len(stub.checks)
    assert operator.get(path).status_code == 200
    assert len(stub.checks) == asked, "asked as often as a session is renewed"
    stub.operator_members = {}
    answer = operator.post("/admin/accounts/directory/invite/", {"email": "a@example.com"})
    assert answer.status_code == 403


def test_a_bearer_without_a_second_factor_reads_nothing_where_one_is_required(
    api: Api, stub: PoolStub, settings: Settings
) -> None:
    settings.COGNITO_STAFF_REQUIRE_MFA = True
    for path in ("/api/v1/operators/audit-events", "/api/v1/operators/groups"):
        assert_problem(api.get(path), 403, "operator_second_factor_required")
    stub.operator_members = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}
    assert api.get("/api/v1/operators/audit-events").status_code == 200
