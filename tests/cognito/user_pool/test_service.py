"""Tests of a call of the user pool's API: the request, valid answers, errors and the log."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cognito import deadlines, errors
from cognito.errors import (
    CognitoError,
    CognitoUnavailable,
    CredentialsUnavailable,
    MalformedAnswer,
    NoTimeLeft,
)
from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.service import PoolService
from tests.support.clock import ends_within
from tests.support.pool_stub import PoolStub
from tests.support.provider.server import Server
from tests.support.raw_server import raw_server

SECRET = "hush-hush-secret"


@pytest.fixture
def service(cognito_server: Server, aws_clients: AWSClients) -> PoolService:
    return PoolService("eu-west-1", cognito_server.url, 2.0, clients=aws_clients)


@pytest.fixture
def fresh(service: PoolService) -> PoolService:
    """Return the service of a process that has not asked for credentials yet."""
    return replace(service, clients=AWSClients())


def get_user(service: PoolService) -> Mapping[str, Any]:
    return service.call(lambda client: client.get_user(AccessToken=SECRET))


def refusal(service: PoolService) -> errors.CognitoError:
    with pytest.raises(errors.CognitoError) as refused:
        get_user(service)
    return refused.value


def test_call_returns_the_members_of_the_answer(stub: PoolStub, service: PoolService) -> None:
    stub.answer("GetUser", {"Username": "ada", "UserAttributes": []})
    answer = get_user(service)
    assert (answer["Username"], answer["UserAttributes"]) == ("ada", [])
    assert stub.calls("GetUser") == [{"AccessToken": SECRET}]


def test_unsigned_call_sends_no_credentials(
    stub: PoolStub, service: PoolService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    stub.answer("GetUser", {"Username": "ada"})
    get_user(service)
    assert [one.headers.get("Authorization") for one in stub.received] == [None]


def test_proxies_of_the_environment_are_ignored(
    stub: PoolStub, service: PoolService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    stub.answer("GetUser", {"Username": "ada"})
    assert get_user(service)["Username"] == "ada"


@pytest.mark.parametrize(
    ("exception", "kind"),
    [
        ("NotAuthorizedException", errors.NotAuthorized),
        ("UserNotFoundException", errors.UserNotFound),
        ("UserNotConfirmedException", errors.UserNotConfirmed),
        ("PasswordResetRequiredException", errors.PasswordResetRequired),
        ("UsernameExistsException", errors.AccountExists),
        ("AliasExistsException", errors.AccountExists),
        ("CodeMismatchException", errors.CodeMismatch),
        ("EnableSoftwareTokenMFAException", errors.CodeMismatch),
        ("ExpiredCodeException", errors.ExpiredCode),
        ("CodeDeliveryFailureException", errors.CodeNotDelivered),
        ("InvalidPasswordException", errors.PasswordRefused),
        ("PasswordHistoryPolicyViolationException", errors.PasswordRefused),
        ("InvalidParameterException", errors.InvalidParameter),
        ("UnsupportedTokenTypeException", errors.InvalidParameter),
        ("UserLambdaValidationException", errors.RefusedByTrigger),
        ("MFAMethodNotFoundException", errors.NoSuchSecondFactor),
        ("SoftwareTokenMFANotFoundException", errors.NoSuchSecondFactor),
        ("RefreshTokenReuseException", errors.RefreshTokenReuse),
        ("TooManyRequestsException", errors.TooManyRequests),
        ("LimitExceededException", errors.TooManyAttempts),
        ("TooManyFailedAttemptsException", errors.TooManyAttempts),
    ],
)
def test_exception_of_the_api_becomes_its_error(
    stub: PoolStub, service: PoolService, exception: str, kind: type[CognitoError]
) -> None:
    stub.refuse("GetUser", exception, f"{SECRET} is wrong")
    error = refusal(service)
    assert (type(error), error.received) == (kind, exception)
    assert SECRET not in repr(error)
    assert (error.__cause__, error.__suppress_context__) == (None, True)


@pytest.mark.parametrize(
    "members",
    [
        {"UserAttributes": 5},
        {"UserAttributes": {"a": "b"}},
        {"UserAttributes": ["x"]},
        {"UserAttributes": [[]]},
        {"UserCreateDate": {}, "UserAttributes": "x"},
    ],
)
def test_answer_with_members_of_wrong_types_is_malformed(
    stub: PoolStub, service: PoolService, members: object
) -> None:
    stub.answer("GetUser", members)
    with pytest.raises(MalformedAnswer):
        get_user(service)


@pytest.mark.parametrize("fault", ["html", "empty", "array", "null", "number", "twice", "utf16"])
def test_answer_that_is_not_an_object_is_malformed(
    stub: PoolStub, service: PoolService, fault: str
) -> None:
    stub.misbehave("GetUser", fault)
    assert isinstance(refusal(service), MalformedAnswer)


@pytest.mark.parametrize("fault", ["html", "empty", "array", "null"])
@pytest.mark.parametrize("status", [400, 403, 404, 500, 502, 503])
def test_error_without_a_name_is_an_outage(
    stub: PoolStub, service: PoolService, fault: str, status: int
) -> None:
    stub.misbehave("GetUser", fault)
    stub.misbehave("GetUser", f"status:{status}")
    error = refusal(service)
    assert isinstance(error, CognitoUnavailable)
    assert error.reason == str(status)


@pytest.mark.parametrize("body", [{"__type": 5}, {"__type": None}, {"__type": []}])
def test_error_with_an_invalid_name_is_an_outage(
    stub: PoolStub, service: PoolService, body: object
) -> None:
    stub.answer("GetUser", body)
    stub.misbehave("GetUser", "status:400")
    assert isinstance(refusal(service), CognitoUnavailable)


def test_operation_without_an_output_may_have_an_empty_answer(
    stub: PoolStub, service: PoolService
) -> None:
    stub.misbehave("DeleteUser", "empty")
    service.call(lambda client: client.delete_user(AccessToken=SECRET))


def test_error_of_botocore_itself_is_an_outage(stub: PoolStub, service: PoolService) -> None:
    with pytest.raises(CognitoUnavailable) as refused:
        service.call(lambda client: client.get_paginator("initiate_auth"))  # type: ignore[call-overload] # this operation has no paginator
    assert refused.value.reason == "OperationNotPageableError"


def test_host_name_that_does_not_resolve_is_an_outage(
    service: PoolService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    error = refusal(replace(service, endpoint_url="http://localhost:9"))
    assert isinstance(error, CognitoUnavailable)


def test_log_contains_no_value_of_the_request_or_the_answer(
    stub: PoolStub, service: PoolService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.answer("GetUser", {"Username": f"{SECRET}-2"})
    get_user(service)
    stub.refuse("GetUser", "NotAuthorizedException", SECRET)
    refusal(service)
    assert SECRET not in caplog.text


@pytest.mark.slow
def test_unsigned_call_does_not_wait_for_the_credentials_of_another(
    stub: PoolStub, fresh: PoolService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A container gets its credentials over the network, so they can be late.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/none")
    asked, go_on = threading.Event(), threading.Event()

    def be_late(connection: socket.socket) -> None:
        asked.set()
        go_on.wait(5)
        body = json.dumps(
            {
                "AccessKeyId": "AKIDEXAMPLE",
                "SecretAccessKey": "late",
                "Token": "late",
                "Expiration": "2099-01-01T00:00:00Z",
            }
        )
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + body).encode())

    stub.answer("GetUser", {"Username": "ada", "UserAttributes": []})
    with raw_server(be_late) as credentials, ThreadPoolExecutor(1) as threads:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", credentials.url)
        # Long enough for a busy machine: the other call must end first.
        operators = replace(fresh, is_signed=True, deadline_seconds=30)
        waiting = threads.submit(get_user, operators)
        assert asked.wait(5)
        assert get_user(fresh)["Username"] == "ada"
        assert not waiting.done()
        go_on.set()
        assert waiting.result(20)["Username"] == "ada"


@pytest.mark.slow
def test_source_of_credentials_that_hangs_raises_after_the_deadline_and_is_named(
    fresh: PoolService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/none")

    let_go = threading.Event()

    def hang(_: socket.socket) -> None:
        let_go.wait(30)

    with raw_server(hang) as credentials:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", credentials.url)
        operators = replace(fresh, deadline_seconds=0.5, is_signed=True)
        with ends_within(10), pytest.raises(CredentialsUnavailable) as raised:
            get_user(operators)
        let_go.set()
    assert raised.value.reason == "no answer within 0.5 s"
    assert raised.value.dependency == "The source of AWS credentials"


def test_call_is_not_sent_if_the_request_has_no_time_left(
    service: PoolService, stub: PoolStub
) -> None:
    get_user_answer = {"Username": "ada", "UserAttributes": []}
    stub.answer("GetUser", get_user_answer)
    with (
        deadlines.running(deadlines.Budget(calls=0, database=1)),
        pytest.raises(NoTimeLeft) as raised,
    ):
        get_user(service)
    assert stub.received == []
    assert "Cognito" not in raised.value.dependency
    assert get_user(service)["Username"] == "ada"


def test_wrong_configuration_of_credentials_is_an_outage(
    fresh: PoolService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "absent-profile")
    with pytest.raises(CognitoUnavailable) as raised:
        get_user(fresh)
    assert raised.value.reason == "ProfileNotFound"
    with pytest.raises(CredentialsUnavailable):
        get_user(replace(fresh, is_signed=True))
