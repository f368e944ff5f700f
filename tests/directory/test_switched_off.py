"""Switching somebody off in the admin's list of users: out here, whatever Cognito says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts import revocations
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from tests.api.auth.pool_stub import PoolStub
from tests.directory.conftest import Api
from tests.directory.test_api import session_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client, enter: Callable[[User], None]) -> Client:
    """A superuser, who is in no pool."""
    enter(User.objects.create(issuer="here", sub="root", is_staff=True, is_superuser=True))
    return client


def switch(admin: Client, user: User, *, on: bool) -> Any:
    form = {"is_active": "on"} if on else {}
    return admin.post(f"/admin/accounts/user/{user.pk}/change/", form)


def last() -> tuple[str, str, str, str]:
    event = AuditEvent.objects.latest("pk")
    return event.action, event.outcome, event.detail, event.subject_sub


def listed(*subs: str) -> dict[str, list[dict[str, object]]]:
    """Members of a group, as ListUsersInGroup gives them."""
    rest = {"Enabled": True, "UserStatus": "CONFIRMED"}
    return {
        "Users": [
            {"Username": sub, "Attributes": [{"Name": "sub", "Value": sub}], **rest} for sub in subs
        ]
    }


def test_sessions_and_bearer_tokens_are_over_and_stay_so(
    admin: Client,
    api: Api,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    bob = User.objects.create(issuer=settings.COGNITO_ISSUER, sub=api.sub)
    session_of(bob)
    token = api.token
    assert api.call(token, "/api/v1/me").status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        assert switch(admin, bob, on=False).status_code == 302
    assert last() == ("switch_off_user", "success", "", bob.sub)
    assert not BrowserSession.objects.filter(user=bob).exists()
    assert Revocation.objects.get().sub == bob.sub
    # A process that has just asked what was revoked.
    monkeypatch.setattr(revocations, "_of_this_process", revocations.RevocationList())
    assert api.call(token, "/api/v1/me").status_code == 401

    with django_capture_on_commit_callbacks(execute=True):
        assert switch(admin, bob, on=True).status_code == 302
    monkeypatch.setattr(revocations, "_of_this_process", revocations.RevocationList())
    assert api.call(token, "/api/v1/me").status_code == 401, "signed in before it"


def test_a_form_that_changes_nothing_ends_nothing(
    admin: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    bob = User.objects.create(issuer="here", sub="bob")
    session_of(bob)
    with django_capture_on_commit_callbacks(execute=True):
        switch(admin, bob, on=True)
    assert BrowserSession.objects.filter(user=bob).exists()
    assert not AuditEvent.objects.exists()


def superuser(settings: Settings, sub: str, **flags: bool) -> User:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"admins"})
    return User.objects.create(
        issuer=settings.COGNITO_ISSUER, sub=sub, is_staff=True, is_superuser=True, **flags
    )


def test_the_last_superuser_is_not_switched_off(
    admin: Client, stub: PoolStub, settings: Settings
) -> None:
    last_one = superuser(settings, "last")
    superuser(settings, "off", is_active=False)
    session_of(last_one)
    stub.answer("ListUsersInGroup", listed("last", "off"))
    answer = switch(admin, last_one, on=False)
    assert answer.status_code == 403
    assert "This is the last superuser who can sign in." in answer.content.decode()
    last_one.refresh_from_db()
    assert last_one.is_active
    assert BrowserSession.objects.filter(user=last_one).exists()
    assert last() == ("switch_off_user", "failure", "last_superuser", "last")

    stub.answer("ListUsersInGroup", listed("last", "another"))
    assert switch(admin, last_one, on=False).status_code == 302
    last_one.refresh_from_db()
    assert not last_one.is_active


def test_nobody_but_a_superuser_needs_the_pool_for_it(
    admin: Client, stub: PoolStub, settings: Settings
) -> None:
    stub.misbehave("ListUsersInGroup", "status:503")
    bob, mighty = User.objects.create(issuer="here", sub="bob"), superuser(settings, "mighty")
    assert switch(admin, bob, on=False).status_code == 302
    answer = switch(admin, mighty, on=False)
    assert answer.status_code == 503
    assert "cannot be reached right now" in answer.content.decode()
    mighty.refresh_from_db()
    assert mighty.is_active


def test_a_superuser_by_hand_is_nobodys_last(
    admin: Client, stub: PoolStub, settings: Settings
) -> None:
    by_hand = superuser(settings, "by-hand")
    settings.COGNITO_SUPERUSER_GROUPS = frozenset()
    of_another_pool = User.objects.create(issuer="elsewhere", sub="old", is_superuser=True)
    for user in (by_hand, of_another_pool):
        assert switch(admin, user, on=False).status_code == 302
    assert stub.received == []


@pytest.mark.parametrize("status", ["UNCONFIRMED", "ARCHIVED", "COMPROMISED", "UNKNOWN"])
def test_who_cannot_sign_in_is_no_other_superuser(
    admin: Client, stub: PoolStub, settings: Settings, status: str
) -> None:
    members = listed("mighty", "another")
    members["Users"][1]["UserStatus"] = status
    stub.answer("ListUsersInGroup", members)
    assert switch(admin, superuser(settings, "mighty"), on=False).status_code == 403


def test_another_superuser_is_looked_for_on_every_page(
    admin: Client, stub: PoolStub, settings: Settings
) -> None:
    stub.answer_once("ListUsersInGroup", listed("mighty") | {"NextToken": "more"})
    stub.answer("ListUsersInGroup", listed("another"))
    assert switch(admin, superuser(settings, "mighty"), on=False).status_code == 302
    assert [call.get("NextToken") for call in stub.calls("ListUsersInGroup")] == [None, "more"]


def test_a_superuser_is_signed_out_here_even_if_the_pool_breaks_off(
    api: Api, stub: PoolStub, settings: Settings
) -> None:
    """What was done here because of it is not undone with the transaction of the lock."""
    mighty = superuser(settings, "mighty")
    session_of(mighty)
    member = listed("mighty")["Users"][0]
    stub.answer("AdminGetUser", member | {"UserAttributes": member["Attributes"]})
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "admins"}]})
    stub.answer("ListUsersInGroup", listed("mighty", "another"))
    stub.misbehave("AdminDisableUser", "reset")
    answer = api.post("/api/v1/operators/users/mighty/disable")
    assert answer.status_code == 503
    assert b"signed_out_here_only" in answer.content
    assert not BrowserSession.objects.exists()
    assert Revocation.objects.get().sub == "mighty"


def test_what_a_group_permits_is_in_the_trail(admin: Client) -> None:
    operators = Group.objects.get(name="operators")
    delete = Permission.objects.get(codename="delete_users")
    view = Permission.objects.get(codename="view_directory")
    operators.permissions.set([view])
    address = f"/admin/auth/group/{operators.pk}/"
    form = {"name": "operators", "permissions": [str(delete.pk)]}
    assert admin.post(f"{address}change/", form).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_sub) == ("change_permissions", "root")
    assert event.detail == "operators: +delete_users, -view_directory"
    assert admin.post(f"{address}delete/", {"post": "yes"}).status_code == 302
    assert last()[2] == "operators: deleted here"


def test_nobody_takes_a_revocation_back(admin: Client) -> None:
    now = timezone.now()
    times = {"issuer": "here", "signed_in_until": now, "expires_at": now}
    of_user = Revocation.objects.create(sub="sub-of-bob", **times)
    of_sign_in = Revocation.objects.create(origin_jti="0123456789", **times)
    listed_here = "/admin/accounts/revocation/"
    page = admin.get(listed_here).content.decode()
    assert '<a href="/admin/accounts/directory/users/sub-of-bob/">sub-of-bob</a>' in page
    assert "One sign-in, 01234567…" in page
    assert "0123456789" not in page
    assert f"{now:%Y-%m-%d %H:%M:%S}<" in page, "as in the logs"
    for term, number in (("sub-of-bob", 1), ("0123456789", 1), ("sub-of", 0)):
        assert f"{number} revocation" in admin.get(f"{listed_here}?q={term}").content.decode()
    for row in (of_user, of_sign_in):
        assert admin.get(f"{listed_here}{row.pk}/change/").status_code == 200
        assert admin.post(f"{listed_here}{row.pk}/change/", {}).status_code == 403
        assert admin.post(f"{listed_here}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(of_user.pk)], "post": "yes"}
    admin.post(listed_here, chosen)
    assert Revocation.objects.count() == 2
