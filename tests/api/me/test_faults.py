"""A user pool that refuses, is unavailable, or returns malformed answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from accounts.models import AttemptCounter, AuditEvent
from cognito.testing import TokenFactory
from tests.api.me.conftest import CONFIRM_EMAIL, PASSKEYS, PASSWORD, PROFILE, TOTP
from tests.support.answers import assert_problem, assert_refused, body_of
from tests.support.caller import ME, Caller
from tests.support.clock import ends_within
from tests.support.pool_stub import EMAIL, SECRET_CODE, PoolStub, user
from tests.support.provider.deadlines import WITHIN
from tests.support.tokens import SUB

pytestmark = [pytest.mark.django_db]

CREDENTIAL = {"id": "YQ", "type": "public-key", "response": {"attestationObject": "YQ"}}
OLD, NEW = "correct horse battery", "staple, well stapled"
CALLS: dict[str, tuple[str, str, Any]] = {
    "GetUser": ("GET", PROFILE, {}),
    "UpdateUserAttributes": ("PATCH", PROFILE, {"name": "Ada"}),
    "VerifyUserAttribute": ("POST", CONFIRM_EMAIL, {"code": "123456"}),
    "ChangePassword": ("POST", PASSWORD, {"old_password": OLD, "new_password": NEW}),
    "AssociateSoftwareToken": ("POST", TOTP, {}),
    "VerifySoftwareToken": ("PUT", TOTP, {"code": "123456"}),
    "SetUserMFAPreference": ("DELETE", TOTP, {}),
    "ListWebAuthnCredentials": ("GET", PASSKEYS, {}),
    "StartWebAuthnRegistration": ("POST", PASSKEYS, {}),
    "CompleteWebAuthnRegistration": ("PUT", PASSKEYS, {"credential": CREDENTIAL}),
    "GetUserAuthFactors": ("DELETE", f"{PASSKEYS}/YQ", {}),
    "DeleteUser": ("DELETE", ME, {}),
}
each_operation = pytest.mark.parametrize("operation", list(CALLS))


class Ask:
    """Sends the request that calls an operation of the pool."""

    def __init__(self, call: Caller, token: str) -> None:
        self.token = token
        self._call = call

    def __call__(self, operation: str) -> HttpResponse:
        method, path, body = CALLS[operation]
        return self._call(self.token, path, method=method, body=body)


@pytest.fixture
def ask(call: Caller, stub: PoolStub, tokens: TokenFactory) -> Ask:
    for secret in (OLD, NEW, SECRET_CODE):
        call.secrets.append(secret)
    return Ask(call, tokens.access())


@each_operation
def test_each_request_makes_one_call_with_the_callers_token(
    ask: Ask, stub: PoolStub, operation: str
) -> None:
    assert ask(operation).status_code in {200, 204}

    assert stub.operations.count(operation) == 1
    assert {call.parameters["AccessToken"] for call in stub.received} == {ask.token}


@each_operation
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("status:503", "cognito_unavailable"),
        ("status:500", "cognito_unavailable"),
        ("InternalErrorException", "cognito_unavailable"),
        ("SomethingNewException", "cognito_unavailable"),
        ("ResourceNotFoundException", "client_refused"),
        ("ForbiddenException", "client_refused"),
        ("reset", "transport_error"),
        ("truncate", "transport_error"),
        ("header_bomb", "transport_error"),
        ("gzip_bomb:50000000", "transport_error"),
        ("huge:50000000", "transport_error"),
        ("redirect:http://127.0.0.1:9/", "malformed_answer"),
        ("html", "malformed_answer"),
        ("array", "malformed_answer"),
        ("number", "malformed_answer"),
    ],
)
def test_failure_of_the_pool_is_a_503_without_an_audit_event(
    ask: Ask, stub: PoolStub, operation: str, answer: str, code: str
) -> None:
    stub.tell(operation, answer)

    response = ask(operation)

    assert_problem(response, 503, code)
    assert int(response["Retry-After"]) >= 1
    assert "TestPool1" not in response.content.decode()
    assert stub.operations.count(operation) == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize("operation", ["GetUser", "ChangePassword", "DeleteUser"])
@pytest.mark.parametrize("answer", ["hang", "header_drip:0.1"])
def test_request_ends_after_the_first_call_that_hangs(
    ask: Ask, stub: PoolStub, operation: str, answer: str
) -> None:
    stub.tell(operation, answer)

    with ends_within(WITHIN):
        response = ask(operation)

    assert_problem(response, 503, "transport_error")


@each_operation
@pytest.mark.parametrize(
    "answer",
    ["NotAuthorizedException", "UserNotConfirmedException", "PasswordResetRequiredException"],
)
def test_token_that_the_pool_refuses_is_revoked(
    ask: Ask, stub: PoolStub, operation: str, answer: str
) -> None:
    stub.tell(operation, answer)
    if operation == "ChangePassword":
        stub.tell("GetUser", answer)

    assert_refused(ask(operation), "token_revoked")
    assert not AuditEvent.objects.exists()


@each_operation
@pytest.mark.parametrize(
    ("answer", "seconds"), [("TooManyRequestsException", 5), ("LimitExceededException", 900)]
)
def test_quotas_of_the_pool_are_reported(
    ask: Ask, stub: PoolStub, operation: str, answer: str, seconds: int
) -> None:
    stub.tell(operation, answer)

    response = ask(operation)

    assert_problem(response, 429, "throttled")
    assert response["Retry-After"] == str(seconds)


@pytest.mark.parametrize(
    ("operation", "answer", "field"),
    [
        ("UpdateUserAttributes", "InvalidParameterException", "non_field_errors"),
        ("UpdateUserAttributes", "UserLambdaValidationException", "non_field_errors"),
        ("VerifyUserAttribute", "CodeMismatchException", "code"),
        ("VerifyUserAttribute", "ExpiredCodeException", "code"),
        ("VerifyUserAttribute", "AliasExistsException", "non_field_errors"),
        ("ChangePassword", "InvalidPasswordException", "new_password"),
        ("ChangePassword", "PasswordHistoryPolicyViolationException", "new_password"),
        ("ChangePassword", "NotAuthorizedException", "old_password"),
        ("VerifySoftwareToken", "CodeMismatchException", "code"),
        ("VerifySoftwareToken", "EnableSoftwareTokenMFAException", "code"),
        ("CompleteWebAuthnRegistration", "WebAuthnChallengeNotFoundException", "credential"),
        ("CompleteWebAuthnRegistration", "WebAuthnClientMismatchException", "credential"),
        ("CompleteWebAuthnRegistration", "WebAuthnCredentialNotSupportedException", "credential"),
        ("CompleteWebAuthnRegistration", "WebAuthnOriginNotAllowedException", "credential"),
        ("CompleteWebAuthnRegistration", "WebAuthnRelyingPartyMismatchException", "credential"),
        ("CompleteWebAuthnRegistration", "InvalidParameterException", "credential"),
    ],
)
def test_value_that_the_pool_refuses_is_named_by_its_field(
    ask: Ask, stub: PoolStub, operation: str, answer: str, field: str
) -> None:
    stub.tell(operation, answer)

    problem = assert_problem(ask(operation), 400, "validation_failed")

    assert list(problem["errors"]) == [field]
    assert "Ada" not in str(problem)


@pytest.mark.parametrize(
    ("operation", "answer", "code"),
    [
        (
            "AssociateSoftwareToken",
            "SoftwareTokenMFANotFoundException",
            "second_factor_unavailable",
        ),
        ("VerifySoftwareToken", "SoftwareTokenMFANotFoundException", "second_factor_unavailable"),
        ("SetUserMFAPreference", "InvalidParameterException", "second_factor_required"),
        ("StartWebAuthnRegistration", "WebAuthnNotEnabledException", "passkeys_unavailable"),
        (
            "StartWebAuthnRegistration",
            "WebAuthnConfigurationMissingException",
            "passkeys_unavailable",
        ),
        ("ListWebAuthnCredentials", "FeatureUnavailableInTierException", "passkeys_unavailable"),
    ],
)
def test_change_that_the_pools_settings_exclude_is_a_conflict(
    ask: Ask, stub: PoolStub, operation: str, answer: str, code: str
) -> None:
    stub.tell(operation, answer)

    assert_problem(ask(operation), 409, code)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"UserAttributes": None},
        {"UserAttributes": True},
        {"UserAttributes": []},
        {"UserAttributes": "sub"},
        {"UserAttributes": 5},
        {"UserAttributes": ["sub"]},
        {"UserAttributes": [None]},
        {"UserAttributes": [{"Name": "email", "Value": EMAIL}]},
        {"UserAttributes": [{"Name": "sub"}]},
        {"UserAttributes": [{"Name": "sub", "Value": ""}]},
        {"UserAttributes": [{"Name": "sub", "Value": 5}]},
        {"UserAttributes": {"Name": "sub", "Value": "x"}},
        user(sub=SUB) | {"UserMFASettingList": 5},
    ],
)
def test_malformed_user_is_a_malformed_answer(
    ask: Ask, stub: PoolStub, answer: dict[str, Any]
) -> None:
    stub.tell("GetUser", answer)

    assert_problem(ask("GetUser"), 503, "malformed_answer")


def test_attributes_without_a_value_are_not_set(ask: Ask, stub: PoolStub) -> None:
    answer = user(sub=SUB, name="", phone_number="+441632960123", phone_number_verified="True")
    answer["UserAttributes"] += [{"Name": "locale"}, {"Value": "x"}, {"Name": "custom:x"}]
    stub.tell("GetUser", answer | {"UserMFASettingList": ["SMS_MFA"]})

    profile = body_of(ask("GetUser"))

    assert (profile["name"], profile["locale"], profile["totp_enabled"]) == (None, None, False)
    assert (profile["phone_number"], profile["phone_number_verified"]) == ("+441632960123", False)
    assert "custom:x" not in profile


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"SecretCode": None},
        {"SecretCode": ""},
        {"SecretCode": 5},
        {"SecretCode": "SHORT"},
        {"SecretCode": "jbswy3dpehpk3pxpjbswy3dpehpk3pxp"},
        {"SecretCode": f"{SECRET_CODE}&issuer=Evil"},
        {"SecretCode": "A" * 300},
    ],
)
def test_malformed_secret_is_not_returned(ask: Ask, stub: PoolStub, answer: dict[str, Any]) -> None:
    stub.tell("AssociateSoftwareToken", answer)

    assert_problem(ask("AssociateSoftwareToken"), 503, "malformed_answer")


@pytest.mark.parametrize("answer", [{}, {"Status": "success"}, {"Status": None}, {"Status": True}])
def test_code_without_a_clear_answer_of_the_pool_is_not_accepted(
    ask: Ask, stub: PoolStub, answer: dict[str, Any]
) -> None:
    stub.tell("VerifySoftwareToken", answer)

    assert_problem(ask("VerifySoftwareToken"), 503, "malformed_answer")
    assert "SetUserMFAPreference" not in stub.operations


def test_code_with_an_error_status_is_refused(ask: Ask, stub: PoolStub) -> None:
    stub.tell("VerifySoftwareToken", {"Status": "ERROR"})

    problem = assert_problem(ask("VerifySoftwareToken"), 400, "validation_failed")

    assert list(problem["errors"]) == ["code"]
    assert "SetUserMFAPreference" not in stub.operations


def test_interrupted_confirmation_can_be_repeated(ask: Ask, stub: PoolStub) -> None:
    stub.tell("SetUserMFAPreference", "reset")
    assert_problem(ask("VerifySoftwareToken"), 503, "transport_error")
    assert not AuditEvent.objects.exists()

    stub.recover()

    assert ask("VerifySoftwareToken").status_code == 204
    for preference in stub.calls("SetUserMFAPreference"):
        wanted = preference["SoftwareTokenMfaSettings"]
        assert wanted == {"Enabled": True, "PreferredMfa": True}


def test_wrong_password_is_distinguished_from_a_revoked_token(ask: Ask, stub: PoolStub) -> None:
    stub.tell("ChangePassword", "NotAuthorizedException")
    assert_problem(ask("ChangePassword"), 400, "validation_failed")

    stub.tell("GetUser", "NotAuthorizedException")
    assert_refused(ask("ChangePassword"), "token_revoked")

    stub.tell("GetUser", "reset")
    assert_problem(ask("ChangePassword"), 503, "transport_error")

    assert [event.outcome for event in AuditEvent.objects.all()] == ["failure"]
    # The pool did not check the third password. All three count as calls and as changes.
    assert sorted(AttemptCounter.objects.values_list("count", flat=True)) == [2, 2, 3, 3]


@pytest.mark.parametrize(
    ("operation", "method", "path", "body"),
    [
        ("ChangePassword", "POST", PASSWORD, {"old_password": OLD, "new_password": NEW}),
        ("VerifyUserAttribute", "POST", CONFIRM_EMAIL, {"code": "123456"}),
        ("UpdateUserAttributes", "PATCH", PROFILE, {"email": "countess@example.com"}),
        ("VerifySoftwareToken", "PUT", TOTP, {"code": "123456"}),
    ],
)
def test_outage_uses_up_no_attempts(
    call: Caller,
    stub: PoolStub,
    tokens: TokenFactory,
    *,
    operation: str,
    method: str,
    path: str,
    body: dict[str, str],
) -> None:
    stub.tell(operation, "status:500")
    for _ in range(7):
        response = call(tokens.access(), path, method=method, body=body)
        assert_problem(response, 503, "cognito_unavailable")
    stub.recover()

    assert call(tokens.access(), path, method=method, body=body).status_code in {200, 204}


def test_guesses_at_codes_of_an_app_are_limited(ask: Ask, stub: PoolStub) -> None:
    stub.tell("VerifySoftwareToken", "CodeMismatchException")
    for _ in range(5):
        assert_problem(ask("VerifySoftwareToken"), 400, "validation_failed")
    stub.recover()

    late = ask("VerifySoftwareToken")

    assert_problem(late, 429, "throttled")
    assert 0 < int(late["Retry-After"]) <= 900
    assert stub.operations.count("VerifySoftwareToken") == 5
    assert "SetUserMFAPreference" not in stub.operations


def test_correct_code_resets_the_counter(ask: Ask, stub: PoolStub) -> None:
    for _ in range(3):
        stub.tell("VerifySoftwareToken", "CodeMismatchException")
        assert [ask("VerifySoftwareToken").status_code for _ in range(4)] == [400] * 4
        stub.recover()
        assert ask("VerifySoftwareToken").status_code == 204


def test_sent_mail_counts_also_if_the_profile_is_unavailable(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    stub.tell("GetUser", "status:500")
    body = {"email": "countess@example.com"}

    responses = [call(tokens.access(), PROFILE, method="PATCH", body=body) for _ in range(7)]

    assert [one.status_code for one in responses] == [503] * 5 + [429] * 2


def test_refused_new_passwords_do_not_count_as_guesses(ask: Ask, stub: PoolStub) -> None:
    stub.tell("ChangePassword", "InvalidPasswordException")
    for _ in range(7):
        assert_problem(ask("ChangePassword"), 400, "validation_failed")
    stub.recover()

    assert ask("ChangePassword").status_code == 204
