"""Editing a group. MiniStack has no UpdateGroup: what is sent to Cognito is looked at instead."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import AuditEvent, User
from cognito.directory.users import Directory
from cognito.errors import GroupNotFound
from tests.accounts.console.conftest import Api
from tests.support.answers import assert_problem, body_of
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

READERS = "/api/v1/operators/groups/readers"
PAGE = "/admin/accounts/directory/groups/readers/"
BEFORE = {"GroupName": "readers", "Description": "May read", "Precedence": 5}


@pytest.fixture
def pool_with_readers(stub: PoolStub) -> PoolStub:
    becomes(stub, **BEFORE)
    return stub


@pytest.fixture
def admin(client: Client, root: User) -> Client:
    return client


def becomes(stub: PoolStub, **group: Any) -> None:
    """The group as it is at first, and as it is after the edit."""
    stub.answer_once("GetGroup", {"Group": BEFORE})
    stub.answer("UpdateGroup", {"Group": group})
    stub.answer("GetGroup", {"Group": group})


def last() -> tuple[str, str, str]:
    event = AuditEvent.objects.latest("pk")
    return event.action, event.outcome, event.detail


def patch(api: Api, body: str) -> Any:
    return api.call(api.token, READERS, method="PATCH", data=body, content_type="application/json")


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ('{"description": "Read it all"}', {"Description": "Read it all", "Precedence": 5}),
        ('{"precedence": 0}', {"Description": "May read", "Precedence": 0}),
        # What is not sent, Cognito takes away.
        ('{"precedence": null}', {"Description": "May read"}),
        ('{"description": ""}', {"Description": "", "Precedence": 5}),
    ],
)
def test_what_is_left_out_of_an_edit_stays(
    api: Api, stub: PoolStub, body: str, sent: dict[str, object]
) -> None:
    becomes(stub, GroupName="readers", **sent)
    answer = patch(api, body)
    assert answer.status_code == 200, answer.content
    assert body_of(answer) == {
        "name": "readers",
        "description": sent["Description"],
        "precedence": sent.get("Precedence"),
    }
    (call,) = stub.calls("UpdateGroup")
    assert call == {"UserPoolId": call["UserPoolId"], "GroupName": "readers", **sent}
    assert len(stub.calls("GetGroup")) == 2, "read again after the edit"
    assert last() == ("update_group", "success", "readers")
    event = AuditEvent.objects.get()
    assert (event.subject_sub, event.subject_label, event.actor_sub) == ("", "readers", api.sub)


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "writers"}',
        '{"precedence": -1}',
        '{"precedence": "5"}',
        '{"precedence": true}',
        '{"precedence": 1.5}',
        '{"precedence": 2147483648}',
        '{"description": 5}',
        '{"description": "' + "a" * 2049 + '"}',
    ],
)
def test_odd_edits_are_refused(api: Api, pool_with_readers: PoolStub, body: str) -> None:
    assert_problem(patch(api, body), 400, "validation_failed")
    assert pool_with_readers.received == []


def test_an_edit_takes_the_permission(api: Api, pool_with_readers: PoolStub) -> None:
    api.groups = ("operators",)
    assert_problem(patch(api, '{"precedence": 1}'), 403, "permission_missing")
    assert last() == ("update_group", "failure", "readers: permission_missing")
    assert pool_with_readers.received == []


def test_nobody_edits_a_group_with_rights_beyond_their_own(
    api: Api, pool_with_readers: PoolStub
) -> None:
    permissions = Permission.objects
    Group.objects.get(name="operators").permissions.add(permissions.get(codename="manage_groups"))
    Group.objects.create(name="readers").permissions.add(permissions.get(codename="delete_users"))
    api.groups = ("operators",)
    assert_problem(patch(api, '{"precedence": 1}'), 403, "more_rights")
    assert pool_with_readers.calls("UpdateGroup") == []


def test_a_group_with_an_aws_role_is_not_edited_here(api: Api, stub: PoolStub) -> None:
    """An edit that does not name the role would take it away."""
    stub.answer("GetGroup", {"Group": BEFORE | {"RoleArn": "arn:aws:iam::1:role/mighty"}})
    assert_problem(patch(api, '{"precedence": 1}'), 403, "group_with_role")
    assert stub.calls("UpdateGroup") == []
    assert last() == ("update_group", "failure", "readers: group_with_role")


@pytest.mark.parametrize(
    ("exception", "status", "code"),
    [
        ("UnknownOperationException", 501, "operation_not_supported"),
        ("InternalErrorException", 503, "cognito_unavailable"),
        ("AccessDeniedException", 503, "client_refused"),
        ("TooManyRequestsException", 429, "throttled"),
        ("InvalidParameterException", 400, "validation_failed"),
    ],
)
def test_an_edit_that_cognito_refuses_is_no_success(
    api: Api, pool_with_readers: PoolStub, *, exception: str, status: int, code: str
) -> None:
    pool_with_readers.refuse("UpdateGroup", exception)
    problem = assert_problem(patch(api, '{"precedence": 1}'), status, code)
    assert "secret" not in str(problem)
    assert len(pool_with_readers.calls("UpdateGroup")) == 1, "not tried again"
    assert last()[:2] == ("update_group", "failure")


@pytest.mark.parametrize("fault", ["reset", "html", "empty"])
def test_an_edit_without_a_proper_answer_is_no_success(
    api: Api, pool_with_readers: PoolStub, fault: str
) -> None:
    pool_with_readers.misbehave("UpdateGroup", fault)
    assert patch(api, '{"precedence": 1}').status_code == 503
    assert last()[:2] == ("update_group", "failure")


def test_an_edit_that_does_not_show_is_no_success(api: Api, pool_with_readers: PoolStub) -> None:
    """Somebody else edited it at the same time, or Cognito kept what it was to change."""
    assert_problem(patch(api, '{"precedence": 1}'), 503, "group_is_otherwise")
    assert last() == ("update_group", "failure", "readers: group_is_otherwise")


# --- In the admin


def test_a_superuser_edits_a_group(admin: Client, pool_with_readers: PoolStub) -> None:
    pool_with_readers.answer("ListUsersInGroup", {"Users": []})
    page = admin.get(f"{PAGE}edit/").content.decode()
    assert "May read" in page
    assert 'value="5"' in page
    wanted = {"GroupName": "readers", "Description": "Read it all"}
    becomes(pool_with_readers, **wanted)
    answer = admin.post(f"{PAGE}edit/", {"description": "Read it all", "precedence": ""})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    (call,) = pool_with_readers.calls("UpdateGroup")
    assert call == {"UserPoolId": call["UserPoolId"], **wanted}
    shown = admin.get(PAGE).content.decode()
    assert "Changed the group &quot;readers&quot;." in shown
    assert "Read it all" in shown
    assert f"{PAGE}edit/" in shown


@pytest.mark.parametrize(
    ("exception", "status", "words"),
    [
        ("UnknownOperationException", 501, "does not support editing groups"),
        ("InternalErrorException", 503, "cannot be reached right now"),
        ("TooManyRequestsException", 429, "Too many requests. Try again later."),
    ],
)
def test_the_form_says_why_it_did_not_work(
    admin: Client, pool_with_readers: PoolStub, *, exception: str, status: int, words: str
) -> None:
    pool_with_readers.refuse("UpdateGroup", exception)
    answer = admin.post(f"{PAGE}edit/", {"description": "Mine", "precedence": "7"})
    page = answer.content.decode()
    assert answer.status_code == status
    assert ("Retry-After" in answer) == (status in {429, 503})
    assert words in page
    assert "Changed the group" not in page
    # What was typed is not lost.
    assert "Mine" in page
    assert last()[:2] == ("update_group", "failure")


@pytest.mark.ministack
def test_a_group_without_a_precedence_has_none(superuser: Api, pool: Directory) -> None:
    answer = superuser.post("/api/v1/operators/groups", name="tea")
    try:
        assert answer.status_code == 201, answer.content
        assert body_of(answer)["precedence"] is None
        assert pool.group("tea").precedence is None
        pool.create_group("first", precedence=0)
        assert pool.group("first").precedence == 0
    finally:
        for name in ("tea", "first"):
            with suppress(GroupNotFound):
                pool.delete_group(name)


def test_odd_numbers_are_refused_by_the_form(admin: Client, pool_with_readers: PoolStub) -> None:
    page = admin.post(f"{PAGE}edit/", {"precedence": "-1"}).content.decode()
    assert "greater than or equal to 0" in page
    assert pool_with_readers.calls("UpdateGroup") == []


def test_no_edit_is_offered_where_there_can_be_none(admin: Client, stub: PoolStub) -> None:
    stub.answer("ListUsersInGroup", {"Users": []})
    stub.answer("GetGroup", {"Group": BEFORE | {"RoleArn": "arn:aws:iam::1:role/mighty"}})
    assert f"{PAGE}edit/" not in admin.get(PAGE).content.decode()
    User.objects.update(is_superuser=False)
    assert admin.get(f"{PAGE}edit/").status_code == 403
    stub.refuse("GetGroup", "ResourceNotFoundException", message="Group not found.")
    User.objects.update(is_superuser=True)
    assert admin.get(f"{PAGE}edit/").status_code == 404


@pytest.mark.ministack
def test_a_local_pool_says_that_it_cannot(superuser: Api, pool: Directory) -> None:
    """MiniStack does not know the operation: nothing is changed, and nothing said to be."""
    pool.create_group("readers", description="May read")
    try:
        answer = patch(superuser, '{"precedence": 1}')
        problem = assert_problem(answer, 501, "operation_not_supported")
        assert problem["detail"] == "This user pool service does not support editing groups."
        assert "Retry-After" not in answer
        assert pool.group("readers").description == "May read"
    finally:
        pool.delete_group("readers")
