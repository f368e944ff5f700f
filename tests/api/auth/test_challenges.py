"""The challenges between a password and the tokens."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.http import HttpResponse

from accounts import encryption
from api.auth import challenge_session
from infra.users import ensure_user
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, body_of
from tests.support.application import Stack
from tests.support.pool_stub import EMAIL, PoolStub, challenge
from tests.support.totp import code_of

pytestmark = pytest.mark.django_db

GIVEN_NAME = '["userAttributes.given_name"]'
NOT_ACCEPTED = "The user pool does not accept this value."
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def begin(api: Api, stub: PoolStub, name: str, **parameters: str) -> dict[str, Any]:
    """Return the challenge after a correct password."""
    stub.answer("InitiateAuth", challenge(name, **parameters))
    response = api.send("sign-in")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    wanted: dict[str, Any] = body_of(response)
    assert wanted.keys() == {"challenge", "session", "parameters"}
    api.secrets.append(wanted["session"])
    return wanted


def respond(api: Api, wanted: dict[str, Any], email: str = EMAIL, **answers: Any) -> HttpResponse:
    return api(
        "challenge",
        {
            "challenge": wanted["challenge"],
            "session": wanted["session"],
            "email": email,
            "answers": answers,
        },
    )


@pytest.mark.ministack
def test_temporary_password_must_be_replaced(pool: Stack, api: Api) -> None:
    email = f"{uuid.uuid4()}@example.com"
    pool.aws.cognito().admin_create_user(
        UserPoolId=pool.pool.user_pool_id,
        Username=email,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
    )
    wanted = body_of(api.send("sign-in", email=email))
    assert wanted["challenge"] == "NEW_PASSWORD_REQUIRED"
    assert wanted["parameters"] == {"required_attributes": []}
    response = respond(api, wanted, email, new_password="a new, longer password")
    assert "access_token" in body_of(response)
    assert_problem(api.send("sign-in", email=email), 401, "invalid_credentials")
    assert api.send("sign-in", email=email, password="a new, longer password").status_code == 200


@pytest.mark.ministack
def test_user_with_an_authenticator_app_needs_a_code(pool: Stack, api: Api) -> None:
    email = f"{uuid.uuid4()}@example.com"
    cognito = pool.aws.cognito()
    ensure_user(
        cognito, user_pool_id=pool.pool.user_pool_id, email=email, password=PASSWORD, groups=[]
    )
    token = body_of(api.send("sign-in", email=email))["access_token"]
    secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=code_of(secret))
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    wanted = body_of(api.send("sign-in", email=email))
    assert (wanted["challenge"], wanted["parameters"]) == ("SOFTWARE_TOKEN_MFA", {})
    problem = assert_problem(respond(api, wanted, email, code="000000"), 400, "validation_failed")
    assert list(problem["errors"]) == ["answers.code"]
    assert "access_token" in body_of(respond(api, wanted, email, code=code_of(secret)))


@pytest.mark.parametrize(
    ("name", "parameters", "shown", "answer", "sent"),
    [
        ("SOFTWARE_TOKEN_MFA", {}, {}, {"code": "1"}, {"SOFTWARE_TOKEN_MFA_CODE": "1"}),
        (
            "SMS_MFA",
            {"CODE_DELIVERY_DESTINATION": "+*******00", "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS"},
            {"destination": "+*******00"},
            {"code": "1"},
            {"SMS_MFA_CODE": "1"},
        ),
        ("EMAIL_OTP", {}, {}, {"code": "1"}, {"EMAIL_OTP_CODE": "1"}),
        (
            "SELECT_MFA_TYPE",
            {"MFAS_CAN_CHOOSE": '["SMS_MFA","SOFTWARE_TOKEN_MFA","CARRIER_PIGEON"]'},
            {"choices": ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]},
            {"mfa": "SOFTWARE_TOKEN_MFA"},
            {"ANSWER": "SOFTWARE_TOKEN_MFA"},
        ),
        (
            "NEW_PASSWORD_REQUIRED",
            {"requiredAttributes": '["userAttributes.name"]', "userAttributes": '{"a":"b"}'},
            {"required_attributes": ["name"]},
            {"new_password": PASSWORD, "name": "Ada", "phone_number": "+441632960000"},
            {
                "NEW_PASSWORD": PASSWORD,
                "userAttributes.name": "Ada",
            },
        ),
        (
            "NEW_PASSWORD_REQUIRED",
            {"requiredAttributes": '["userAttributes.given_name","userAttributes.custom:tier"]'},
            {"required_attributes": ["given_name", "custom:tier"]},
            {"new_password": PASSWORD, "given_name": "Ada", "custom:tier": "1", "nickname": "A"},
            {
                "NEW_PASSWORD": PASSWORD,
                "userAttributes.given_name": "Ada",
                "userAttributes.custom:tier": "1",
            },
        ),
        ("SELECT_MFA_TYPE", {"MFAS_CAN_CHOOSE": "["}, {"choices": []}, {"mfa": "SMS_MFA"}, None),
        ("SELECT_MFA_TYPE", {"MFAS_CAN_CHOOSE": "{}"}, {"choices": []}, {"mfa": "SMS_MFA"}, None),
    ],
)
def test_answers_reach_the_pool_under_its_own_names(
    api: Api,
    stub: PoolStub,
    *,
    name: str,
    parameters: dict[str, str],
    shown: dict[str, object],
    answer: dict[str, str],
    sent: dict[str, str] | None,
) -> None:
    wanted = begin(api, stub, name, **parameters)
    assert wanted["parameters"] == shown
    assert "access_token" in body_of(respond(api, wanted, **answer))
    (call,) = stub.calls("RespondToAuthChallenge")
    responses = call["ChallengeResponses"]
    # The pool requires its own name for the user, and a hash of that name.
    assert responses.pop("USERNAME") == "the-pools-own-name"
    assert len(responses.pop("SECRET_HASH")) == 44
    assert sent is None or responses == sent
    assert call["ChallengeName"] == name


def test_authenticator_app_is_set_up_during_sign_in(api: Api, stub: PoolStub) -> None:
    stub.answer("AssociateSoftwareToken", {"SecretCode": SECRET, "Session": "s" * 30})
    stub.answer("VerifySoftwareToken", {"Status": "SUCCESS", "Session": "t" * 30})
    api.secrets.append(SECRET)
    wanted = begin(api, stub, "MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]')
    issuer = quote(settings.SITE_NAME)
    assert wanted["parameters"] == {
        "secret": SECRET,
        "otpauth_uri": f"otpauth://totp/{issuer}:ada%40example.com?secret={SECRET}&issuer={issuer}",
    }
    assert "access_token" in body_of(respond(api, wanted, code="123456"))
    assert stub.calls("VerifySoftwareToken") == [{"Session": "s" * 30, "UserCode": "123456"}]
    assert stub.calls("RespondToAuthChallenge")[0]["Session"] == "t" * 30


@pytest.mark.parametrize("exception", ["EnableSoftwareTokenMFAException", "CodeMismatchException"])
def test_wrong_first_code_of_an_app_is_refused_by_name(
    api: Api, stub: PoolStub, exception: str
) -> None:
    stub.answer("AssociateSoftwareToken", {"SecretCode": SECRET, "Session": "s" * 30})
    stub.refuse("VerifySoftwareToken", exception)
    wanted = begin(api, stub, "MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]')
    problem = assert_problem(respond(api, wanted, code="123456"), 400, "validation_failed")
    assert list(problem["errors"]) == ["answers.code"]
    stub.answer("VerifySoftwareToken", {"Status": "ERROR", "Session": "t" * 30})
    assert_problem(respond(api, wanted, code="123456"), 400, "validation_failed")
    assert stub.calls("RespondToAuthChallenge") == []


@pytest.mark.parametrize(
    ("exception", "status", "code", "field"),
    [
        ("CodeMismatchException", 400, "validation_failed", "answers.new_password"),
        ("ExpiredCodeException", 400, "validation_failed", "answers.new_password"),
        ("InvalidPasswordException", 400, "validation_failed", "answers.new_password"),
        (
            "PasswordHistoryPolicyViolationException",
            400,
            "validation_failed",
            "answers.new_password",
        ),
        ("NotAuthorizedException", 401, "challenge_over", None),
        ("UserNotFoundException", 401, "challenge_over", None),
        ("PasswordResetRequiredException", 401, "challenge_over", None),
        ("TooManyRequestsException", 429, "throttled", None),
    ],
)
def test_refusals_of_an_answer_have_codes_of_the_api(
    api: Api, stub: PoolStub, *, exception: str, status: int, code: str, field: str | None
) -> None:
    wanted = begin(api, stub, "NEW_PASSWORD_REQUIRED")
    stub.refuse("RespondToAuthChallenge", exception)
    problem = assert_problem(respond(api, wanted, new_password=PASSWORD), status, code)
    assert field is None or list(problem["errors"]) == [field]


@pytest.mark.parametrize(
    ("answers", "messages"),
    [
        ({}, ["This field is required."]),
        ({"given_name": ""}, ["This field may not be blank."]),
        ({"given_name": 5}, ["Not a valid string."]),
        ({"given_name": "x" * 2049}, ["Ensure this field has no more than 2048 characters."]),
    ],
)
def test_required_attribute_is_checked_before_the_pool_is_asked(
    api: Api, stub: PoolStub, answers: dict[str, Any], messages: list[str]
) -> None:
    wanted = begin(api, stub, "NEW_PASSWORD_REQUIRED", requiredAttributes=GIVEN_NAME)
    response = respond(api, wanted, new_password=PASSWORD, **answers)
    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {"answers.given_name": messages}
    assert stub.calls("RespondToAuthChallenge") == []


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("InvalidParameterException", "Something about a value."),
        ("InvalidParameterException", "Invalid given name format."),
        ("NotAuthorizedException", "Cannot modify an already provided given_name"),
    ],
)
def test_refused_attribute_is_named_and_not_read_as_a_wrong_code(
    api: Api, stub: PoolStub, exception: str, message: str
) -> None:
    wanted = begin(api, stub, "NEW_PASSWORD_REQUIRED", requiredAttributes=GIVEN_NAME)
    stub.refuse("RespondToAuthChallenge", exception, message)
    response = respond(api, wanted, new_password=PASSWORD, given_name="Ada")
    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {"answers.given_name": [NOT_ACCEPTED]}


def test_refused_value_of_a_code_challenge_is_not_read_as_a_wrong_code(
    api: Api, stub: PoolStub
) -> None:
    wanted = begin(api, stub, "SMS_MFA")
    stub.refuse("RespondToAuthChallenge", "InvalidParameterException")
    problem = assert_problem(respond(api, wanted, code="abc"), 400, "validation_failed")
    assert problem["errors"] == {"answers.code": [NOT_ACCEPTED]}


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("sign-in", "InitiateAuth"),
        ("confirm", "ConfirmSignUp"),
        ("reset-password", "ConfirmForgotPassword"),
        ("sign-up", "SignUp"),
    ],
)
def test_refused_parameter_is_never_read_as_a_wrong_password_or_code(
    api: Api, stub: PoolStub, path: str, operation: str
) -> None:
    stub.refuse(operation, "InvalidParameterException")
    problem = assert_problem(api.send(path), 400, "validation_failed")
    assert list(problem["errors"]) == ["non_field_errors"]


def test_one_challenge_can_lead_to_another(api: Api, stub: PoolStub) -> None:
    wanted = begin(api, stub, "SELECT_MFA_TYPE", MFAS_CAN_CHOOSE='["SMS_MFA"]')
    stub.answer("RespondToAuthChallenge", challenge("SMS_MFA"))
    wanted = body_of(respond(api, wanted, mfa="SMS_MFA"))
    assert wanted["challenge"] == "SMS_MFA"


def test_session_belongs_to_its_account_and_challenge(api: Api, stub: PoolStub) -> None:
    wanted = begin(api, stub, "SOFTWARE_TOKEN_MFA")
    others = [
        respond(api, wanted, "mallory@example.com", code="1"),
        respond(api, wanted | {"challenge": "SMS_MFA"}, code="1"),
        respond(api, wanted | {"session": wanted["session"][:-9] + "AAAAAAAA="}, code="1"),
        respond(api, wanted | {"session": "é"}, code="1"),
    ]
    for response in others:
        assert_problem(response, 401, "challenge_over")
    assert stub.calls("RespondToAuthChallenge") == []
    assert respond(api, wanted, f" {EMAIL.upper()}", code="1").status_code == 200


def test_caller_without_a_session_uses_up_no_attempts(api: Api, stub: PoolStub) -> None:
    wanted = begin(api, stub, "SOFTWARE_TOKEN_MFA")
    for _ in range(7):
        assert_problem(respond(api, wanted | {"session": "x"}, code="1"), 401, "challenge_over")
    assert respond(api, wanted, code="1").status_code == 200


def test_other_text_encrypted_with_the_same_keys_is_refused(api: Api, stub: PoolStub) -> None:
    for text in ("a.b.c.d.e", '{"purpose":"x","name":"SMS_MFA","email":"ada@example.com"}'):
        wanted = {"challenge": "SMS_MFA", "session": encryption.encrypt(text)}
        assert_problem(respond(api, wanted, code="1"), 401, "challenge_over")


def test_session_expires(api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = begin(api, stub, "SOFTWARE_TOKEN_MFA")
    monkeypatch.setattr(challenge_session, "MAX_AGE_SECONDS", -1)
    assert_problem(respond(api, wanted, code="1"), 401, "challenge_over")


def test_outage_uses_up_no_answers(api: Api, stub: PoolStub) -> None:
    wanted = begin(api, stub, "SOFTWARE_TOKEN_MFA")
    stub.misbehave("RespondToAuthChallenge", "status:500")
    for _ in range(7):
        assert_problem(respond(api, wanted, code="1"), 503, "cognito_unavailable")
    stub.answer("RespondToAuthChallenge", stub.tokens())
    assert respond(api, wanted, code="1").status_code == 200


def test_session_does_not_reveal_the_user_name(api: Api, stub: PoolStub) -> None:
    wanted = begin(api, stub, "SOFTWARE_TOKEN_MFA")
    assert "the-pools-own-name" not in wanted["session"]


@pytest.mark.parametrize(
    "answer",
    [
        challenge("CUSTOM_CHALLENGE"),
        challenge("DEVICE_SRP_AUTH"),
        challenge("MFA_SETUP", MFAS_CAN_SETUP='["EMAIL_OTP"]'),
        {"ChallengeName": 5},
        {"ChallengeName": ["SMS_MFA"]},
    ],
)
def test_unsupported_challenge_is_logged_for_the_operator(
    api: Api, stub: PoolStub, caplog: pytest.LogCaptureFixture, answer: dict[str, Any]
) -> None:
    stub.answer("InitiateAuth", answer)
    assert_problem(api.send("sign-in"), 503, "client_refused")
    assert "does not support" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        challenge("SMS_MFA") | {"Session": None},
        challenge("SMS_MFA") | {"Session": "s" * 4097},
        challenge("SMS_MFA") | {"ChallengeParameters": ["x"]},
        challenge("SMS_MFA", USER_ID_FOR_SRP="u" * 129),
    ],
)
def test_malformed_challenge_is_a_malformed_answer(
    api: Api, stub: PoolStub, answer: dict[str, Any]
) -> None:
    stub.answer("InitiateAuth", answer)
    assert_problem(api.send("sign-in"), 503, "malformed_answer")
