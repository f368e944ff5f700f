"""A user pool that hangs, fails, or answers what makes no sense."""

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
# A `{}` is all that these two have to say.
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
def test_nonsense_is_no_success_and_no_500(api: Api, stub: PoolStub, path: str, fault: str) -> None:
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
def test_a_success_without_what_must_be_in_it_is_none(
    api: Api, stub: PoolStub, path: str, members: object
) -> None:
    stub.answer(OPERATIONS[path], members)
    assert_problem(api.send(path), 503, "malformed_answer")


@pytest.mark.parametrize("path", ["confirm", "reset-password"])
def test_an_empty_object_is_all_that_a_confirmation_needs(
    api: Api, stub: PoolStub, path: str
) -> None:
    stub.answer(OPERATIONS[path], {})
    assert api.send(path).status_code == 204


@pytest.mark.parametrize("path", OPERATIONS)
@pytest.mark.parametrize(
    "exception", ["InternalErrorException", "SomethingNewException", "x" * 500]
)
def test_a_failure_of_the_pool_is_tried_once(
    api: Api, stub: PoolStub, path: str, exception: str
) -> None:
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
def test_our_own_configuration_is_not_the_callers_fault(
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
def test_a_slow_pool_is_given_up_in_time(api: Api, stub: PoolStub, path: str, fault: str) -> None:
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
def test_signing_out_everywhere_does_not_wait_for_cognito(api: Api, stub: PoolStub) -> None:
    stub.misbehave("GlobalSignOut", "hang")
    token = stub.factory.access()
    with ends_within(WITHIN):
        response = api("sign-out-everywhere", b"", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert response.status_code == 204


def test_a_lost_answer_to_a_sign_up_can_be_asked_for_again(api: Api, stub: PoolStub) -> None:
    stub.misbehave("SignUp", "reset")
    assert api.send("sign-up").status_code == 503
    # Cognito had stored the user when the answer was lost.
    stub.refuse("SignUp", "UsernameExistsException")
    assert api.send("sign-up").status_code == 202


def test_a_port_that_nobody_listens_on_is_an_outage(
    api: Api, stub: PoolStub, settings: Settings
) -> None:
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    assert_problem(api.send("sign-in"), 503, "transport_error")
    assert stub.received == []


@pytest.mark.parametrize(("path", "seconds"), [("forgot-password", WITHIN), ("sign-in", 15)])
def test_cognito_that_hangs_is_given_up_with_the_real_limits(
    api: Api, stub: PoolStub, path: str, seconds: float
) -> None:
    """tests/cognito/test_deadlines.py shows that the real limits keep the promises."""
    stub.misbehave(OPERATIONS[path], "hang")
    with ends_within(seconds):
        assert_problem(api.send(path), 503, "transport_error")


def test_slow_calls_of_one_request_share_its_time(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-out exchanges the token and revokes another one; each call alone is quick enough."""
    assert api.send("sign-out").status_code == 204
    budget = deadlines.Budget(calls=1.5, database=4)
    monkeypatch.setattr(deadlines, "REQUEST", budget)
    monkeypatch.setattr(deadlines, "SHARED_CALL_SECONDS", LONG)
    stub.misbehave("GetTokensFromRefreshToken", "delay:0.3")
    stub.misbehave("RevokeToken", "hang")
    with ends_within(WITHIN):
        assert api.send("sign-out").status_code == 204
