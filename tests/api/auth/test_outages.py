"""A user pool that hangs, fails, or returns malformed answers."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from cognito import deadlines
from cognito.user_pool import service_errors
from tests.api.auth.conftest import Api
from tests.support.answers import assert_problem, body_of
from tests.support.clock import ends_within
from tests.support.pool_stub import EMPTY_SUCCESSES, PoolStub
from tests.support.provider.deadlines import LONG, WITHIN

pytestmark = pytest.mark.django_db

OPERATIONS = {
    "sign-up": "SignUp",
    "confirm": "ConfirmSignUp",
    "resend-code": "ResendConfirmationCode",
    "sign-in": "InitiateAuth",
    "refresh": "GetTokensFromRefreshToken",
    "sign-out": "GetTokensFromRefreshToken",
    "forgot-password": "ForgotPassword",
    "reset-password": "ConfirmForgotPassword",
}
# The success of the two confirmations is an empty object.
WITH_MEMBERS = {key: value for key, value in OPERATIONS.items() if not value.startswith("Confirm")}


@pytest.mark.parametrize("path", OPERATIONS)
@pytest.mark.parametrize(
    "fault",
    [
        *EMPTY_SUCCESSES,
        "status:201",
        "status:204",
        "status:302",
        "redirect:http://127.0.0.1:9/",
        "redirect307:http://127.0.0.1:9/",
        "status:500",
        "status:503",
        "reset",
        "truncate",
        "huge:1000000",
        "gzip_bomb:1000000",
        "header_bomb",
    ],
)
def test_malformed_answer_is_a_503(api: Api, stub: PoolStub, path: str, fault: str) -> None:
    stub.misbehave(OPERATIONS[path], fault)
    response = api.send(path)
    code = body_of(response)["code"]
    assert code in {"malformed_answer", "transport_error", "cognito_unavailable"}
    assert_problem(response, 503, code)
    assert int(response["Retry-After"]) >= 1
    assert len(stub.calls(OPERATIONS[path])) == 1


@pytest.mark.parametrize("path", WITH_MEMBERS)
@pytest.mark.parametrize(
    "members",
    [{}, {"AuthenticationResult": {}}, {"AuthenticationResult": [1]}, {"UserConfirmed": 1}],
)
def test_success_without_required_members_is_malformed(
    api: Api, stub: PoolStub, path: str, members: object
) -> None:
    stub.answer(OPERATIONS[path], members)
    assert_problem(api.send(path), 503, "malformed_answer")


@pytest.mark.parametrize("path", ["confirm", "reset-password"])
def test_empty_object_is_a_valid_answer_to_a_confirmation(
    api: Api, stub: PoolStub, path: str
) -> None:
    stub.answer(OPERATIONS[path], {})
    assert api.send(path).status_code == 204


@pytest.mark.parametrize("path", OPERATIONS)
@pytest.mark.parametrize(
    "exception", ["InternalErrorException", "SomethingNewException", "x" * 500]
)
def test_failed_call_is_not_repeated(api: Api, stub: PoolStub, path: str, exception: str) -> None:
    stub.refuse(OPERATIONS[path], exception)
    response = api.send(path)
    assert_problem(response, 503, "cognito_unavailable")
    assert response["Retry-After"]
    assert b"Exception" not in response.content
    assert len(stub.calls(OPERATIONS[path])) == 1


@pytest.mark.parametrize("path", OPERATIONS)
@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("ResourceNotFoundException", "User pool client abc does not exist."),
        ("NotAuthorizedException", "Unable to verify secret hash for client abc"),
        ("NotAuthorizedException", "Client abc is configured with secret but SECRET_HASH is not"),
        ("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"),
        ("InvalidUserPoolConfigurationException", "Something."),
        ("UnexpectedLambdaException", "PreSignUp failed."),
        ("ForbiddenException", "Request not allowed due to WAF block."),
    ],
)
def test_wrong_configuration_of_this_service_is_a_503(
    api: Api,
    stub: PoolStub,
    caplog: pytest.LogCaptureFixture,
    *,
    path: str,
    exception: str,
    message: str,
) -> None:
    stub.refuse(OPERATIONS[path], exception, message)
    response = api.send(path)
    assert_problem(response, 503, "client_refused")
    assert message.encode() not in response.content
    lines = [one for one in caplog.records if one.name == service_errors.__name__]
    assert len(lines) == 1
    assert (lines[0].levelname, exception in lines[0].getMessage()) == ("ERROR", True)
    assert message not in lines[0].getMessage()


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize(
    ("path", "fault"),
    [*((path, "hang") for path in OPERATIONS), ("sign-in", "drip:0.05"), ("sign-out", "drip:0.05")],
)
def test_call_to_a_slow_pool_ends_at_the_deadline(
    api: Api, stub: PoolStub, path: str, fault: str
) -> None:
    stub.misbehave(OPERATIONS[path], fault)
    with ends_within(WITHIN):
        assert_problem(api.send(path), 503, "transport_error")
    assert len(stub.calls(OPERATIONS[path])) == 1


def test_sign_out_is_answered_while_cognito_hangs(api: Api, stub: PoolStub) -> None:
    stub.misbehave("GetTokensFromRefreshToken", "delay:0.8")
    stub.misbehave("RevokeToken", "hang")
    with ends_within(WITHIN):
        assert api.send("sign-out").status_code == 204


@pytest.mark.usefixtures("short_deadlines")
def test_sign_out_everywhere_is_answered_while_cognito_hangs(api: Api, stub: PoolStub) -> None:
    stub.misbehave("GlobalSignOut", "hang")
    token = stub.factory.access()
    with ends_within(WITHIN):
        response = api("sign-out-everywhere", b"", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert response.status_code == 204


def test_sign_up_can_be_repeated_after_a_lost_answer(api: Api, stub: PoolStub) -> None:
    stub.misbehave("SignUp", "reset")
    assert api.send("sign-up").status_code == 503
    # Cognito had stored the user when the answer was lost.
    stub.refuse("SignUp", "UsernameExistsException")
    assert api.send("sign-up").status_code == 202


def test_closed_port_is_an_outage(api: Api, stub: PoolStub, settings: Settings) -> None:
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    assert_problem(api.send("sign-in"), 503, "transport_error")
    assert stub.received == []


@pytest.mark.parametrize(("path", "seconds"), [("forgot-password", WITHIN), ("sign-in", 15)])
def test_call_to_a_hanging_pool_ends_at_the_real_deadlines(
    api: Api, stub: PoolStub, path: str, seconds: float
) -> None:
    """tests/cognito/test_deadlines.py checks the values of the real deadlines."""
    stub.misbehave(OPERATIONS[path], "hang")
    with ends_within(seconds):
        assert_problem(api.send(path), 503, "transport_error")


def test_slow_calls_of_one_request_share_its_deadline(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-out exchanges one token and revokes another. Each call alone meets its deadline."""
    assert api.send("sign-out").status_code == 204
    budget = deadlines.Budget(calls=1.5, database=4)
    monkeypatch.setattr(deadlines, "REQUEST", budget)
    monkeypatch.setattr(deadlines, "SHARED_CALL_SECONDS", LONG)
    stub.misbehave("GetTokensFromRefreshToken", "delay:0.3")
    stub.misbehave("RevokeToken", "hang")
    with ends_within(WITHIN):
        assert api.send("sign-out").status_code == 204
