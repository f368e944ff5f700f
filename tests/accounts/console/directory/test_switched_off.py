"""Disabling a user on this site, in the admin's list of users. The user pool is unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import process
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.process.revocation_list import RevocationList
from tests.accounts.console.conftest import Api, session_of
from tests.accounts.console.directory.test_faults import members
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client, root: User) -> Client:
    return client


def switch(admin: Client, user: User, *, on: bool) -> Any:
    form = {"is_active": "on"} if on else {}
    return admin.post(f"/admin/accounts/user/{user.pk}/change/", form)


def last() -> tuple[str, str, str, str]:
    event = AuditEvent.objects.latest("pk")
    return event.action, event.outcome, event.detail, event.subject_sub


def test_sessions_and_bearer_tokens_of_a_disabled_user_stay_revoked(
    admin: Client,
    api: Api,
    stub: PoolStub,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    stub.answer("ListUsersInGroup", members("root"))
    bob = User.objects.create(issuer=settings.COGNITO_ISSUER, sub=api.sub)
    session_of(bob)
    token = api.token
    assert api.call(token, "/api/v1/me").status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        assert switch(admin, bob, on=False).status_code == 302
    assert last() == ("switch_off_user", "success", "", bob.sub)
    assert not BrowserSession.objects.filter(user=bob).exists()
    assert Revocation.objects.get().sub == bob.sub
    # Another process, which has just read the revocation list.
    process.current.revocations = RevocationList()
    assert api.call(token, "/api/v1/me").status_code == 401

    with django_capture_on_commit_callbacks(execute=True):
        assert switch(admin, bob, on=True).status_code == 302
    process.current.revocations = RevocationList()
    assert api.call(token, "/api/v1/me").status_code == 401, (
        "the sign-in is older than the revocation"
    )


def test_form_without_a_change_ends_no_session(
    admin: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    bob = User.objects.create(issuer="here", sub="bob")
    session_of(bob)
    with django_capture_on_commit_callbacks(execute=True):
        switch(admin, bob, on=True)
    assert BrowserSession.objects.filter(user=bob).exists()
    assert not AuditEvent.objects.exists()


def superuser(stub: PoolStub, sub: str, **flags: bool) -> User:
    """Create a superuser of the pool whose row does not have the rights yet."""
    stub.operators[sub] = lambda: ["admins"]
    return User.objects.create(issuer=settings.COGNITO_ISSUER, sub=sub, **flags)


def test_last_superuser_cannot_be_disabled(admin: Client, stub: PoolStub) -> None:
    last_one = superuser(stub, "last")
    superuser(stub, "off", is_active=False)
    session_of(last_one)
    stub.answer("ListUsersInGroup", members("last", "off"))
    answer = switch(admin, last_one, on=False)
    assert answer.status_code == 403
    assert "This is the last superuser who can sign in." in answer.content.decode()
    last_one.refresh_from_db()
    assert last_one.is_active
    assert BrowserSession.objects.filter(user=last_one).exists()
    assert last() == ("switch_off_user", "failure", "last_superuser", "last")

    stub.answer("ListUsersInGroup", members("last", "another"))
    assert switch(admin, last_one, on=False).status_code == 302
    last_one.refresh_from_db()
    assert not last_one.is_active


@pytest.mark.parametrize("operation", ["AdminGetUser", "ListUsersInGroup"])
def test_user_cannot_be_disabled_while_the_pool_is_unavailable(
    admin: Client, stub: PoolStub, operation: str
) -> None:
    mighty = superuser(stub, "mighty")
    if operation == "AdminGetUser":
        del stub.operators["mighty"]
    stub.misbehave(operation, "status:503")
    answer = switch(admin, mighty, on=False)
    assert answer.status_code == 503
    assert "cannot be reached right now" in answer.content.decode()
    mighty.refresh_from_db()
    assert mighty.is_active
    assert last() == ("switch_off_user", "failure", "cognito_unavailable", "mighty")


def test_row_of_another_pool_can_be_disabled_with_any_flags(admin: Client, stub: PoolStub) -> None:
    of_another_pool = User.objects.create(issuer="elsewhere", sub="old", is_superuser=True)
    assert switch(admin, of_another_pool, on=False).status_code == 302
    assert stub.received == []


@pytest.mark.parametrize("status", ["UNCONFIRMED", "ARCHIVED", "COMPROMISED", "UNKNOWN"])
def test_superuser_who_cannot_sign_in_does_not_count_as_another_one(
    admin: Client, stub: PoolStub, status: str
) -> None:
    both = members("mighty", "another")
    both["Users"][1]["UserStatus"] = status
    stub.answer("ListUsersInGroup", both)
    assert switch(admin, superuser(stub, "mighty"), on=False).status_code == 403


def test_another_superuser_is_found_on_a_later_page(admin: Client, stub: PoolStub) -> None:
    stub.answer_once("ListUsersInGroup", members("mighty") | {"NextToken": "more"})
    stub.answer("ListUsersInGroup", members("another"))
    assert switch(admin, superuser(stub, "mighty"), on=False).status_code == 302
    assert [call.get("NextToken") for call in stub.calls("ListUsersInGroup")] == [None, "more"]


def test_superuser_is_signed_out_of_this_site_even_if_the_call_fails(
    api: Api, stub: PoolStub
) -> None:
    """The error does not roll the sign-out back with the transaction of the lock."""
    mighty = superuser(stub, "mighty")
    session_of(mighty)
    stub.answer("ListUsersInGroup", members("mighty", "another"))
    stub.misbehave("AdminDisableUser", "reset")
    answer = api.post("/api/v1/operators/users/mighty/disable")
    assert answer.status_code == 503
    assert b"signed_out_here_only" in answer.content
    assert not BrowserSession.objects.exists()
    assert Revocation.objects.get().sub == "mighty"


def test_change_of_permissions_of_a_group_is_recorded(admin: Client) -> None:
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
    assert last()[2] == "operators: deleted on this site"


def test_superuser_cannot_change_or_delete_a_revocation(admin: Client) -> None:
    now = timezone.now()
    times = {"issuer": "here", "signed_in_until": now, "expires_at": now}
    of_user = Revocation.objects.create(sub="sub-of-bob", **times)
    of_sign_in = Revocation.objects.create(origin_jti="0123456789", **times)
    listed_here = "/admin/accounts/revocation/"
    page = admin.get(listed_here).content.decode()
    assert '<a href="/admin/accounts/directory/users/sub-of-bob/">sub-of-bob</a>' in page
    assert "One sign-in, 01234567…" in page
    assert "0123456789" not in page
    assert f"{now:%Y-%m-%d %H:%M:%S}<" in page, "the time has the format of the logs"
    for term, number in (("sub-of-bob", 1), ("0123456789", 1), ("sub-of", 0)):
        assert f"{number} revocation" in admin.get(f"{listed_here}?q={term}").content.decode()
    for row in (of_user, of_sign_in):
        assert admin.get(f"{listed_here}{row.pk}/change/").status_code == 200
        assert admin.post(f"{listed_here}{row.pk}/change/", {}).status_code == 403
        assert admin.post(f"{listed_here}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(of_user.pk)], "post": "yes"}
    admin.post(listed_here, chosen)
    assert Revocation.objects.count() == 2
