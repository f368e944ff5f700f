"""Triggers that MiniStack does not call. Each test runs a real function."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import boto3
import pytest

from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY
from tests.local_cognito.aws.operations.conftest import PASSWORD, TestPool

pytestmark = pytest.mark.ministack

ELSEWHERE = "elsewhere@example.com"
PASSWORD_ELSEWHERE = "a password that breaks every rule"

MIGRATION = f"""
def handler(event, context):
    request, source = event["request"], event["triggerSource"]
    if event["userName"] != {ELSEWHERE!r}:
        raise ValueError("no such user")
    if source == "UserMigration_Authentication" and request["password"] != {PASSWORD_ELSEWHERE!r}:
        raise ValueError("Bad password")
    event["response"] = {{
        "userAttributes": {{"email": event["userName"], "email_verified": "true", "name": "Eli"}},
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
    }}
    return event
"""
# The function tells in an attribute what it was asked, because it has no other way.
CONFIRMATION = """
import boto3

def handler(event, context):
    if event["request"]["userAttributes"].get("name") == "broken":
        raise ValueError("broken")
    boto3.client("cognito-idp").admin_update_user_attributes(
        UserPoolId=event["userPoolId"],
        Username=event["userName"],
        UserAttributes=[{"Name": "nickname", "Value": event["triggerSource"]}],
    )
    return event
"""


def aws(pool: TestPool, service: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=pool.aws.endpoint_url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
    )


def function(pool: TestPool, name: str, code: str) -> str:
    """Create a function that may call the user pool, and return its ARN."""
    allowed = {"Effect": "Allow", "Action": "cognito-idp:*", "Resource": "*"}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    iam, archive = aws(pool, "iam"), io.BytesIO()
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    iam.put_role_policy(
        RoleName=name,
        PolicyName="pool",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.py", code)
    arn: str = aws(pool, "lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": archive.getvalue()},
        Timeout=10,
    )["FunctionArn"]
    return arn


@pytest.fixture(scope="module")
def pool_with_triggers(pool: TestPool) -> TestPool:
    pool.cognito.update_user_pool(
        UserPoolId=pool.user_pool_id,
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
        LambdaConfig={
            "UserMigration": function(pool, "migration", MIGRATION),
            "PostConfirmation": function(pool, "confirmation", CONFIRMATION),
        },
    )
    return pool


def forget(pool: TestPool) -> None:
    pool.cognito.admin_delete_user(UserPoolId=pool.user_pool_id, Username=ELSEWHERE)


def test_user_comes_along_at_the_first_sign_in(pool_with_triggers: TestPool) -> None:
    pool = pool_with_triggers
    before = pool.mails(ELSEWHERE)
    for wrong in ((ELSEWHERE, "another"), ("unknown@example.com", PASSWORD_ELSEWHERE)):
        with pytest.raises(pool.cognito.exceptions.NotAuthorizedException) as refused:
            pool.signs_in(*wrong)
        assert "Bad" not in str(refused.value), "the client hides who is known"
    assert pool.signs_in(ELSEWHERE, PASSWORD_ELSEWHERE)["AccessToken"]
    attributes = pool.attributes(ELSEWHERE)
    assert (attributes["name"], attributes["email_verified"]) == ("Eli", "true")
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.signs_in(ELSEWHERE, "another")
    assert pool.mails(ELSEWHERE) == before
    forget(pool)


def test_user_comes_along_by_choice_too(pool_with_triggers: TestPool) -> None:
    pool = pool_with_triggers
    asked = pool.begins(ELSEWHERE)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, ELSEWHERE, ANSWER="PASSWORD", PASSWORD="another")
    answer = pool.answers(asked, ELSEWHERE, ANSWER="PASSWORD", PASSWORD=PASSWORD_ELSEWHERE)
    assert answer["AuthenticationResult"]["AccessToken"]
    forget(pool)


def test_user_comes_along_with_a_forgotten_password(pool_with_triggers: TestPool) -> None:
    pool = pool_with_triggers
    pool.cognito.forgot_password(ClientId=pool.client_id, Username=ELSEWHERE)
    pool.cognito.confirm_forgot_password(
        ClientId=pool.client_id,
        Username=ELSEWHERE,
        ConfirmationCode=pool.code(ELSEWHERE),
        Password=PASSWORD,
    )
    assert pool.signs_in(ELSEWHERE)["AccessToken"]
    assert pool.attributes(ELSEWHERE)["nickname"] == "PostConfirmation_ConfirmForgotPassword"
    forget(pool)


def test_confirmation_is_followed_by_its_trigger(pool_with_triggers: TestPool) -> None:
    pool = pool_with_triggers

    def sign_up(email: str, name: str) -> None:
        pool.cognito.sign_up(
            ClientId=pool.client_id,
            Username=email,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "name", "Value": name}],
        )
        pool.cognito.confirm_sign_up(
            ClientId=pool.client_id, Username=email, ConfirmationCode=pool.code(email)
        )

    sign_up("new1@example.com", "New")
    assert pool.attributes("new1@example.com")["nickname"] == "PostConfirmation_ConfirmSignUp"
    with pytest.raises(pool.cognito.exceptions.UserLambdaValidationException):
        sign_up("new2@example.com", "broken")
    assert pool.signs_in("new2@example.com")["AccessToken"], "the user is confirmed nevertheless"
