"""Sign-up, confirmation and requests for codes, with MiniStack and with a pool that refuses."""

from __future__ import annotations

import logging
import uuid

import pytest
from pytest_django import Settings

from accounts.models import AuditEvent
from infra.users import ensure_user
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, body_of
from tests.support.application import Stack
from tests.support.pool_stub import EMAIL, PoolStub

pytestmark = pytest.mark.django_db

# The confirmation code that MiniStack sends to every user.
CODE = "123456"
REFUSALS_OF_A_CODE = [
    "CodeMismatchException",
    "ExpiredCodeException",
    "UserNotFoundException",
    "NotAuthorizedException",
    "AliasExistsException",
]


def audited() -> list[tuple[str, str, str, str]]:
    rows = AuditEvent.objects.order_by("pk")
    return [(one.action, one.outcome, one.subject_label, one.detail) for one in rows]


@pytest.mark.ministack
def test_user_signs_up_confirms_and_signs_in(pool: Stack, api: Api) -> None:
    email = f"{uuid.uuid4()}@example.com"
    person = {"email": email, "password": PASSWORD, "name": "Ada", "phone_number": "+441632960000"}

    response = api("sign-up", person)
    assert (response.status_code, body_of(response)) == (202, {"next_step": "confirm"})
    assert_problem(api("sign-in", person), 401, "invalid_credentials")
    assert api("resend-code", {"email": email}).status_code == 202
    assert_problem(api("confirm", {"email": email, "code": "000000"}), 400, "validation_failed")
    response = api("confirm", {"email": email, "code": f" {CODE} "})
    assert (response.status_code, response.content) == (204, b"")
    assert "access_token" in body_of(api("sign-in", person))

    user = pool.aws.cognito().admin_get_user(UserPoolId=pool.pool.user_pool_id, Username=email)
    attributes = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
    assert attributes["name"] == "Ada"
    assert attributes["phone_number"] == "+441632960000"
    assert attributes["email_verified"] == "true", "MiniStack must verify the address, as AWS does"
    assert [one[:3] for one in audited()] == [
        ("sign_up", "success", email),
        ("sign_in", "failure", email),
        ("confirmation", "failure", email),
        ("confirmation", "success", email),
        ("sign_in", "success", email),
    ]


@pytest.mark.ministack
def test_sign_up_for_an_existing_account_gets_the_same_answer(pool: Stack, api: Api) -> None:
    taken = f"{uuid.uuid4()}@example.com"
    ensure_user(
        pool.aws.cognito(),
        user_pool_id=pool.pool.user_pool_id,
        email=taken,
        password=PASSWORD,
        groups=[],
    )
    answers = [api.send("sign-up", email=email) for email in (f"{uuid.uuid4()}@example.com", taken)]
    assert answers[0].status_code == 202
    assert answers[0].content == answers[1].content
    names = [sorted(one.headers) for one in answers]
    assert names[0] == names[1]


@pytest.mark.ministack
def test_address_is_normalised(pool: Stack, api: Api) -> None:
    email = f"{uuid.uuid4()}@example.com"
    api.send("sign-up", email=f"  {email.upper()} ".replace("@", "\uff20"))
    assert api("confirm", {"email": email, "code": CODE}).status_code == 204


def test_only_listed_attributes_reach_cognito(api: Api, stub: PoolStub) -> None:
    api.send(
        "sign-up",
        name="Ada",
        is_staff=True,
        groups=["operators"],
        email_verified=True,
        sub="x",
        UserAttributes=[{"Name": "custom:role", "Value": "admin"}],
        ClientMetadata={"a": "b"},
        ValidationData=[],
        **{"custom:role": "admin"},
    )
    (sent,) = stub.calls("SignUp")
    assert sent.keys() == {"ClientId", "SecretHash", "Username", "Password", "UserAttributes"}
    assert sent["UserAttributes"] == [
        {"Name": "email", "Value": EMAIL},
        {"Name": "name", "Value": "Ada"},
    ]


@pytest.mark.parametrize(
    "password", [" leading and trailing ", "x" * 64, "\U0001f600" * 12, "é" * 12, "e\u0301" * 12]
)
def test_password_reaches_cognito_unchanged(api: Api, stub: PoolStub, password: str) -> None:
    api.send("sign-up", password=password)
    api.send("sign-in", password=password)
    api.send("reset-password", new_password=password)
    assert stub.calls("SignUp")[0]["Password"] == password
    assert stub.calls("InitiateAuth")[0]["AuthParameters"]["PASSWORD"] == password
    assert stub.calls("ConfirmForgotPassword")[0]["Password"] == password


def test_public_client_sends_no_secret_hash(api: Api, stub: PoolStub, settings: Settings) -> None:
    settings.COGNITO_CLIENT_SECRET = ""
    api.send("sign-up")
    api.send("sign-in")
    assert "SecretHash" not in stub.calls("SignUp")[0]
    assert "SECRET_HASH" not in stub.calls("InitiateAuth")[0]["AuthParameters"]


@pytest.mark.parametrize(
    ("exception", "status", "code"),
    [
        ("UsernameExistsException", 202, None),
        ("AliasExistsException", 202, None),
        ("CodeDeliveryFailureException", 202, None),
        ("InvalidPasswordException", 400, "validation_failed"),
        ("InvalidParameterException", 400, "validation_failed"),
        ("NotAuthorizedException", 403, "sign_up_refused"),
        ("UserLambdaValidationException", 403, "sign_up_refused"),
    ],
)
def test_refusals_of_a_sign_up_have_codes_of_the_api(
    api: Api, stub: PoolStub, exception: str, status: int, code: str | None
) -> None:
    stub.refuse("SignUp", exception)
    response = api.send("sign-up")
    assert response.status_code == status
    assert code is None or assert_problem(response, status, code)
    assert b"secret" not in response.content
    assert audited()[0][:2] == ("sign_up", "failure")


@pytest.mark.parametrize(
    "message",
    [
        "Username cannot be of email format, since user pool is configured for email alias.",
        "Attributes did not conform to the schema: given_name: The attribute is required",
    ],
)
def test_pool_that_refuses_every_sign_up_is_logged_and_a_503(
    api: Api, stub: PoolStub, caplog: pytest.LogCaptureFixture, message: str
) -> None:
    stub.refuse("SignUp", "InvalidParameterException", message)
    assert_problem(api.send("sign-up"), 503, "client_refused")
    assert [one for one in caplog.records if one.levelno == logging.ERROR]


def test_required_attribute_is_named_if_a_caller_can_send_it(
    api: Api, stub: PoolStub, caplog: pytest.LogCaptureFixture
) -> None:
    message = "Attributes did not conform to the schema: phone_number: The attribute is required"
    stub.refuse("SignUp", "InvalidParameterException", message)
    problem = assert_problem(api.send("sign-up"), 400, "validation_failed")
    assert problem["errors"] == {"phone_number": ["This field is required."]}
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_weak_password_is_named(api: Api, stub: PoolStub) -> None:
    stub.refuse("SignUp", "InvalidPasswordException")
    problem = assert_problem(api.send("sign-up"), 400, "validation_failed")
    assert list(problem["errors"]) == ["password"]


def test_short_password_is_refused_also_for_an_existing_account(
    api: Api, stub: PoolStub, settings: Settings
) -> None:
    settings.COGNITO_PASSWORD_MIN_LENGTH = 20
    stub.refuse("SignUp", "UsernameExistsException")
    problem = assert_problem(api.send("sign-up", password="p" * 19), 400, "validation_failed")
    assert problem["errors"] == {"password": ["Use at least 20 characters."]}
    assert stub.received == []


@pytest.mark.parametrize("exists", [False, True])
def test_next_step_is_the_sign_in_if_the_pool_confirms_accounts(
    api: Api, stub: PoolStub, settings: Settings, caplog: pytest.LogCaptureFixture, exists: bool
) -> None:
    settings.COGNITO_AUTO_CONFIRM = True
    stub.answer("SignUp", {"UserConfirmed": True, "UserSub": "x"})
    if exists:
        stub.refuse("SignUp", "UsernameExistsException")
    assert body_of(api.send("sign-up")) == {"next_step": "sign-in"}
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


@pytest.mark.parametrize("confirms", [False, True])
def test_auto_confirm_setting_that_differs_from_the_pool_is_logged(
    api: Api,
    stub: PoolStub,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    confirms: bool,
) -> None:
    settings.COGNITO_AUTO_CONFIRM = not confirms
    stub.answer("SignUp", {"UserConfirmed": confirms, "UserSub": "x"})
    api.send("sign-up")
    assert [one for one in caplog.records if "COGNITO_AUTO_CONFIRM" in one.getMessage()]


@pytest.mark.parametrize("exception", REFUSALS_OF_A_CODE)
def test_every_refusal_of_a_code_is_the_same(api: Api, stub: PoolStub, exception: str) -> None:
    stub.refuse("ConfirmSignUp", exception)
    problem = assert_problem(api.send("confirm"), 400, "validation_failed")
    assert problem["errors"] == {"code": ["This code is wrong, or too old."]}


def test_confirmation_never_takes_an_address_from_another_account(api: Api, stub: PoolStub) -> None:
    api.send("confirm")
    assert stub.calls("ConfirmSignUp")[0]["ForceAliasCreation"] is False


@pytest.mark.parametrize(
    "exception",
    [
        "UserNotFoundException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "CodeDeliveryFailureException",
        "LimitExceededException",
    ],
)
@pytest.mark.parametrize(
    ("path", "operation"),
    [("resend-code", "ResendConfirmationCode"), ("forgot-password", "ForgotPassword")],
)
def test_request_for_a_code_gets_the_same_answer_for_every_refusal(
    api: Api, stub: PoolStub, exception: str, path: str, operation: str
) -> None:
    honest = api.send(path)
    stub.refuse(operation, exception)
    refused = api.send(path, email="b@example.com")
    assert (honest.status_code, refused.status_code) == (202, 202)
    assert honest.content == refused.content
    assert sorted(honest.headers) == sorted(refused.headers)
    assert len(stub.calls(operation)) == 2
