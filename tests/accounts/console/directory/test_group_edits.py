"""Editing a group. MiniStack has no UpdateGroup, so the tests check the call to Cognito."""

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
    """Make the stub report BEFORE first, and `group` after the edit."""
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
        # Cognito removes a field that the call omits.
        ('{"precedence": null}', {"Description": "May read"}),
        ('{"description": ""}', {"Description": "", "Precedence": 5}),
    ],
)
def test_edit_keeps_the_fields_that_it_omits(
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
    assert len(stub.calls("GetGroup")) == 2, "the group is read again after the edit"
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
def test_invalid_edits_are_refused(api: Api, pool_with_readers: PoolStub, body: str) -> None:
    assert_problem(patch(api, body), 400, "validation_failed")
    assert pool_with_readers.received == []


def test_edit_without_the_permission_is_refused(api: Api, pool_with_readers: PoolStub) -> None:
    api.groups = ("operators",)
    assert_problem(patch(api, '{"precedence": 1}'), 403, "permission_missing")
    assert last() == ("update_group", "failure", "readers: permission_missing")
    assert pool_with_readers.received == []


def test_operator_cannot_edit_a_group_with_more_rights(
    api: Api, pool_with_readers: PoolStub
) -> None:
    permissions = Permission.objects
    Group.objects.get(name="operators").permissions.add(permissions.get(codename="manage_groups"))
    Group.objects.create(name="readers").permissions.add(permissions.get(codename="delete_users"))
    api.groups = ("operators",)
    assert_problem(patch(api, '{"precedence": 1}'), 403, "more_rights")
    assert pool_with_readers.calls("UpdateGroup") == []


def test_group_with_an_aws_role_cannot_be_edited(api: Api, stub: PoolStub) -> None:
    """Cognito removes the role if an edit does not name it."""
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
def test_edit_that_cognito_refuses_is_a_failure(
    api: Api, pool_with_readers: PoolStub, *, exception: str, status: int, code: str
) -> None:
    pool_with_readers.refuse("UpdateGroup", exception)
    problem = assert_problem(patch(api, '{"precedence": 1}'), status, code)
    assert "secret" not in str(problem)
    assert len(pool_with_readers.calls("UpdateGroup")) == 1, "the call is not repeated"
    assert last()[:2] == ("update_group", "failure")


@pytest.mark.parametrize("fault", ["reset", "html", "empty"])
def test_edit_with_a_malformed_answer_is_a_failure(
    api: Api, pool_with_readers: PoolStub, fault: str
) -> None:
    pool_with_readers.misbehave("UpdateGroup", fault)
    assert patch(api, '{"precedence": 1}').status_code == 503
    assert last()[:2] == ("update_group", "failure")


def test_edit_that_the_pool_does_not_report_is_a_failure(
    api: Api, pool_with_readers: PoolStub
) -> None:
    """Another operator may have edited the group at the same time, or Cognito changed nothing."""
    assert_problem(patch(api, '{"precedence": 1}'), 503, "group_is_otherwise")
    assert last() == ("update_group", "failure", "readers: group_is_otherwise")


# --- In the admin


def test_superuser_edits_a_group(admin: Client, pool_with_readers: PoolStub) -> None:
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
def test_form_shows_why_the_edit_failed(
    admin: Client, pool_with_readers: PoolStub, *, exception: str, status: int, words: str
) -> None:
    pool_with_readers.refuse("UpdateGroup", exception)
    answer = admin.post(f"{PAGE}edit/", {"description": "Mine", "precedence": "7"})
    page = answer.content.decode()
    assert answer.status_code == status
    assert ("Retry-After" in answer) == (status in {429, 503})
    assert words in page
    assert "Changed the group" not in page
    # The form keeps the input.
    assert "Mine" in page
    assert last()[:2] == ("update_group", "failure")


@pytest.mark.ministack
def test_group_without_a_precedence_is_created(superuser: Api, pool: Directory) -> None:
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


def test_form_refuses_an_invalid_precedence(admin: Client, pool_with_readers: PoolStub) -> None:
    page = admin.post(f"{PAGE}edit/", {"precedence": "-1"}).content.decode()
    assert "greater than or equal to 0" in page
    assert pool_with_readers.calls("UpdateGroup") == []


def test_page_offers_no_edit_that_is_impossible(admin: Client, stub: PoolStub) -> None:
    stub.answer("ListUsersInGroup", {"Users": []})
    stub.answer("GetGroup", {"Group": BEFORE | {"RoleArn": "arn:aws:iam::1:role/mighty"}})
    assert f"{PAGE}edit/" not in admin.get(PAGE).content.decode()
    User.objects.update(is_superuser=False)
    assert admin.get(f"{PAGE}edit/").status_code == 403
    stub.refuse("GetGroup", "ResourceNotFoundException", message="Group not found.")
    User.objects.update(is_superuser=True)
    assert admin.get(f"{PAGE}edit/").status_code == 404


@pytest.mark.ministack
def test_group_is_edited_in_the_local_pool(superuser: Api, pool: Directory) -> None:
    pool.create_group("readers", description="May read")
    try:
        assert patch(superuser, '{"precedence": 1}').status_code == 200
        group = pool.group("readers")
        assert (group.description, group.precedence) == ("May read", 1)
    finally:
        pool.delete_group("readers")
