"""Operators cannot raise rights, act on users with more rights, or remove the last superuser."""

from __future__ import annotations

import boto3
import pytest
from django.contrib.auth.models import Group, Permission

from accounts.console.directory import rights
from accounts.console.directory.actions import ACTIONS, Argument
from accounts.console.directory.rights import Rights
from accounts.models import AuditEvent, BrowserSession
from cognito.directory.records import DirectoryGroup, DirectoryUser
from cognito.directory.users import Directory
from infra.local.ministack import REGION
from tests.accounts.console.conftest import Api, NewApi, NewUser, row_of, session_of
from tests.support.answers import assert_problem
from tests.support.application import Stack

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]


def body_for(action: str, user: DirectoryUser, *, group: str = "operators") -> dict[str, str]:
    return {
        Argument.NONE: {},
        Argument.GROUP: {"group": group},
        Argument.PASSWORD: {"password": "a temporary password"},
        Argument.FACTOR: {"factor": "SOFTWARE_TOKEN_MFA"},
        Argument.SESSION: {"session": f"tkn{'0' * 25}"},
        Argument.DEVICE: {"device": "eu-west-1_0"},
        Argument.CONFIRMATION: {"email": user.email},
    }[ACTIONS[action].argument]


def give_operators_everything() -> None:
    """Give operators every permission of the directory, without making them superusers."""
    permissions = Permission.objects.filter(content_type__model="directory")
    Group.objects.get(name="operators").permissions.add(*permissions)


def assert_untouched(pool: Directory, user: DirectoryUser, groups: set[str]) -> None:
    now = pool.user(user.username)
    assert (now.status, now.is_enabled) == (user.status, user.is_enabled)
    assert {group.name for group in pool.groups_of(user.username)} == groups


@pytest.mark.parametrize("action", ACTIONS)
def test_operator_cannot_act_on_their_own_account(
    new_api: NewApi, new_user: NewUser, pool: Directory, action: str
) -> None:
    give_operators_everything()
    user = new_user("operators")
    me = new_api("operators", user=user)
    assert_problem(me.do(action, user, **body_for(action, user)), 403, "own_account")
    # The e-mail address names the same user.
    answer = me.post(f"/api/v1/operators/users/{user.email}/{action}", **body_for(action, user))
    assert_problem(answer, 403, "own_account")
    assert_untouched(pool, user, {"operators"})


@pytest.mark.parametrize("action", ACTIONS)
def test_operator_cannot_act_on_a_superuser(
    operator: Api, new_user: NewUser, root_group: str, pool: Directory, action: str
) -> None:
    give_operators_everything()
    user = new_user(root_group)
    assert_problem(operator.do(action, user, **body_for(action, user)), 403, "more_rights")
    assert_untouched(pool, user, {root_group})
    event = AuditEvent.objects.get()
    assert (event.outcome, event.subject_sub, event.actor_sub) == (
        "failure",
        user.sub,
        operator.sub,
    )


@pytest.mark.parametrize("action", ["disable", "set-temporary-password", "sign-out"])
def test_rights_of_an_earlier_sign_in_count_as_well(
    operator: Api, new_user: NewUser, pool: Directory, action: str
) -> None:
    user = new_user()
    session_of(row_of(user, is_staff=True, is_superuser=True))
    assert_problem(operator.do(action, user, **body_for(action, user)), 403, "more_rights")
    assert_untouched(pool, user, set())
    assert BrowserSession.objects.exists()


def test_operator_cannot_assign_a_group_with_more_rights(
    operator: Api, new_user: NewUser, root_group: str, pool: Directory
) -> None:
    user = new_user()
    for action in ("add-to-group", "remove-from-group"):
        assert_problem(operator.do(action, user, group=root_group), 403, "more_rights")
    assert_untouched(pool, user, set())
    assert operator.do("add-to-group", user, group="operators").status_code == 204


def test_only_superuser_can_assign_a_group_with_an_aws_role(
    operator: Api, superuser: Api, new_user: NewUser, pool: Directory, stack: Stack
) -> None:
    role = boto3.client("iam", endpoint_url=stack.aws.endpoint_url, region_name=REGION).create_role(
        RoleName="mighty", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )["Role"]["Arn"]
    cognito, pool_id = stack.aws.cognito(), stack.pool.user_pool_id
    cognito.create_group(UserPoolId=pool_id, GroupName="mighty", RoleArn=role)
    try:
        user = new_user()
        assert_problem(operator.do("add-to-group", user, group="mighty"), 403, "more_rights")
        assert superuser.do("add-to-group", user, group="mighty").status_code == 204
        assert_problem(
            operator.do("set-temporary-password", user, password="a long one here"),
            403,
            "more_rights",
        )
    finally:
        pool.delete_group("mighty")


def test_operator_can_act_on_another_operator(operator: Api, new_user: NewUser) -> None:
    assert operator.do("disable", new_user("operators")).status_code == 204


@pytest.mark.parametrize("action", ["disable", "delete", "remove-from-group"])
def test_superuser_can_remove_the_rights_of_another_superuser(
    superuser: Api, new_user: NewUser, root_group: str, *, action: str
) -> None:
    other = new_user(root_group)
    body = body_for(action, other, group=root_group)
    assert superuser.do(action, other, **body).status_code == 204


def test_last_superuser_can_be_removed_from_another_group(
    superuser: Api, new_user: NewUser, root_group: str
) -> None:
    last = new_user(root_group, "operators")
    assert superuser.do("remove-from-group", last, group="operators").status_code == 204


# --- Comparison of rights


FEW = Rights(is_staff=True, permissions=frozenset({"a"}))


@pytest.mark.parametrize(
    ("other", "are_covered"),
    [
        (Rights(), True),
        (FEW, True),
        (Rights(permissions=frozenset({"a"})), True),
        (Rights(permissions=frozenset({"b"})), False),
        (Rights(is_staff=True, permissions=frozenset({"a", "b"})), False),
        (Rights(is_superuser=True), False),
        (Rights(has_role=True), False),
    ],
)
def test_rights_cover_only_equal_or_fewer_rights(other: Rights, are_covered: bool) -> None:
    assert FEW.cover(other) is are_covered
    assert Rights(is_superuser=True).cover(other)


def test_permissions_without_staff_rights_allow_nothing() -> None:
    permissions = frozenset({"accounts.view_directory"})
    assert not Rights(permissions=permissions).allow("view_directory")
    assert not Rights(permissions=permissions).cover(Rights(is_staff=True))
    assert Rights(is_staff=True, permissions=permissions).allow("view_directory")


def test_groups_give_the_same_rights_as_a_sign_in() -> None:
    assert rights.of_groups([DirectoryGroup("Operators"), DirectoryGroup("readers")]) == Rights()
    operators = rights.of_groups([DirectoryGroup("operators", has_role=True)])
    assert operators.is_staff
    assert operators.has_role
    assert not operators.is_superuser
    assert "accounts.invite_users" in operators.permissions
    assert "accounts.delete_users" not in operators.permissions
