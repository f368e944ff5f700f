from __future__ import annotations

import pytest

from infra.errors import InfraError, SignInProblem
from infra.local.demo import DEMO_PASSWORD, DEMO_USERS, OPERATOR, USER, ensure_demo_users
from infra.local.ministack import MiniStack
from infra.local.pool import Pool, provision_pool
from infra.tokens import access_token
from infra.users import ensure_user

pytestmark = pytest.mark.ministack

CHANGED = "changed-by-the-developer"


@pytest.fixture
def pool(empty_ministack: MiniStack) -> Pool:
    pool = provision_pool(empty_ministack, public_url="http://localhost:8000")
    ensure_demo_users(empty_ministack, pool)
    return pool


def sign_in(ministack: MiniStack, pool: Pool, email: str, password: str = DEMO_PASSWORD) -> str:
    return access_token(
        ministack.cognito(),
        client_id=pool.web_client_id,
        client_secret=pool.web_client_secret,
        email=email,
        password=password,
    )


def groups_of(ministack: MiniStack, pool: Pool, email: str) -> list[str]:
    listed = ministack.cognito().admin_list_groups_for_user(
        UserPoolId=pool.user_pool_id, Username=email
    )
    return [group["GroupName"] for group in listed["Groups"]]


def test_demo_users_are_confirmed_with_a_verified_address_and_their_groups(
    empty_ministack: MiniStack, pool: Pool
) -> None:
    for demo_user in DEMO_USERS:
        user = empty_ministack.cognito().admin_get_user(
            UserPoolId=pool.user_pool_id, Username=demo_user.email
        )
        attributes = {item["Name"]: item["Value"] for item in user["UserAttributes"]}
        assert user["UserStatus"] == "CONFIRMED"
        assert attributes["email"] == demo_user.email
        assert attributes["name"] == demo_user.name
        assert attributes["email_verified"] == "true"
    assert groups_of(empty_ministack, pool, OPERATOR.email) == ["operators"]
    assert groups_of(empty_ministack, pool, USER.email) == []


def test_cognito_accepts_the_access_token_of_a_demo_user(
    empty_ministack: MiniStack, pool: Pool
) -> None:
    token = sign_in(empty_ministack, pool, USER.email)
    user = empty_ministack.cognito().get_user(AccessToken=token)
    assert {"Name": "email", "Value": USER.email} in user["UserAttributes"]


def test_address_with_another_case_signs_in(empty_ministack: MiniStack, pool: Pool) -> None:
    assert sign_in(empty_ministack, pool, " User@Example.COM ")


def test_changes_of_demo_users_are_kept(empty_ministack: MiniStack, pool: Pool) -> None:
    cognito = empty_ministack.cognito()
    cognito.admin_set_user_password(
        UserPoolId=pool.user_pool_id, Username=USER.email, Password=CHANGED, Permanent=True
    )
    cognito.admin_remove_user_from_group(
        UserPoolId=pool.user_pool_id, Username=OPERATOR.email, GroupName="operators"
    )
    ensure_demo_users(empty_ministack, pool)
    assert sign_in(empty_ministack, pool, USER.email, CHANGED)
    assert groups_of(empty_ministack, pool, OPERATOR.email) == []


def test_interrupted_creation_of_a_user_is_completed(
    empty_ministack: MiniStack, pool: Pool
) -> None:
    cognito = empty_ministack.cognito()
    cognito.admin_delete_user(UserPoolId=pool.user_pool_id, Username=OPERATOR.email)
    cognito.admin_create_user(
        UserPoolId=pool.user_pool_id,
        Username=OPERATOR.email,
        UserAttributes=[{"Name": "email", "Value": OPERATOR.email}],
        MessageAction="SUPPRESS",
    )
    ensure_demo_users(empty_ministack, pool)
    assert sign_in(empty_ministack, pool, OPERATOR.email)
    assert groups_of(empty_ministack, pool, OPERATOR.email) == ["operators"]


def test_error_of_a_wrong_password_does_not_contain_it(
    empty_ministack: MiniStack, pool: Pool
) -> None:
    with pytest.raises(SignInProblem, match=USER.email) as refused:
        sign_in(empty_ministack, pool, USER.email, "not-the-password")
    assert "not-the-password" not in str(refused.value)


def test_error_names_the_challenge(empty_ministack: MiniStack, pool: Pool) -> None:
    empty_ministack.cognito().admin_set_user_password(
        UserPoolId=pool.user_pool_id, Username=USER.email, Password=CHANGED, Permanent=False
    )
    with pytest.raises(SignInProblem, match="NEW_PASSWORD_REQUIRED"):
        sign_in(empty_ministack, pool, USER.email, CHANGED)


def test_error_says_that_the_local_aws_does_not_run(pool: Pool) -> None:
    with MiniStack.started() as stopped:
        pass
    with pytest.raises(SignInProblem, match="make run"):
        sign_in(stopped, pool, USER.email)


def test_error_of_a_refused_user_does_not_contain_the_password(
    empty_ministack: MiniStack, pool: Pool
) -> None:
    with pytest.raises(InfraError, match=r"new@example\.com") as refused:
        ensure_user(
            empty_ministack.cognito(),
            user_pool_id=pool.user_pool_id,
            email="new@example.com",
            password="2short",
            groups=[],
        )
    assert "2short" not in str(refused.value)
