"""The reset of forgotten passwords."""

from __future__ import annotations

import uuid

import pytest

from accounts.models import AuditEvent
from infra.users import ensure_user
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, body_of
from tests.support.application import Stack
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

# The code that MiniStack sends by e-mail.
CODE = "654321"


@pytest.mark.ministack
def test_forgotten_password_is_replaced_with_a_code(pool: Stack, api: Api) -> None:
    email = f"{uuid.uuid4()}@example.com"
    ensure_user(
        pool.aws.cognito(),
        user_pool_id=pool.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=[],
    )
    response = api("forgot-password", {"email": email})
    assert (response.status_code, body_of(response)) == (202, {"next_step": "reset-password"})
    new = {"email": email, "code": CODE, "new_password": "a new, longer password"}
    assert_problem(api("reset-password", new | {"code": "000000"}), 400, "validation_failed")
    assert api("reset-password", new).status_code == 204
    assert_problem(api("reset-password", new), 400, "validation_failed")
    assert_problem(api.send("sign-in", email=email), 401, "invalid_credentials")
    assert api.send("sign-in", email=email, password=new["new_password"]).status_code == 200
    outcomes = AuditEvent.objects.filter(action="password_reset").order_by("pk")
    assert [one.outcome for one in outcomes] == ["failure", "success", "failure"]


@pytest.mark.ministack
def test_answers_do_not_reveal_which_accounts_exist(pool: Stack, api: Api) -> None:
    known, unknown = (f"{uuid.uuid4()}@example.com" for _ in range(2))
    ensure_user(
        pool.aws.cognito(),
        user_pool_id=pool.pool.user_pool_id,
        email=known,
        password=PASSWORD,
        groups=[],
    )
    for path in ("forgot-password", "resend-code"):
        answers = [api(path, {"email": email}) for email in (known, unknown)]
        assert [one.status_code for one in answers] == [202, 202]
        assert answers[0].content == answers[1].content
    for path in ("confirm", "reset-password"):
        problems = [
            assert_problem(api.send(path, email=email, code="000000"), 400, "validation_failed")
            for email in (known, unknown)
        ]
        assert problems[0] | {"request_id": ""} == problems[1] | {"request_id": ""}


@pytest.mark.parametrize(
    "exception",
    [
        "CodeMismatchException",
        "ExpiredCodeException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "NotAuthorizedException",
        "UserLambdaValidationException",
    ],
)
def test_every_refusal_of_a_code_is_the_same(api: Api, stub: PoolStub, exception: str) -> None:
    stub.refuse("ConfirmForgotPassword", exception)
    problem = assert_problem(api.send("reset-password"), 400, "validation_failed")
    assert problem["errors"] == {"code": ["This code is wrong, or too old."]}


@pytest.mark.parametrize(
    "exception", ["InvalidPasswordException", "PasswordHistoryPolicyViolationException"]
)
def test_password_that_the_pool_refuses_is_named(api: Api, stub: PoolStub, exception: str) -> None:
    stub.refuse("ConfirmForgotPassword", exception)
    problem = assert_problem(api.send("reset-password"), 400, "validation_failed")
    assert list(problem["errors"]) == ["new_password"]
