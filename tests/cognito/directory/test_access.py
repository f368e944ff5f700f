"""Sign-in factors, sessions and devices of users, with the local user pool and a stub of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cognito.directory.access import APP, PoolSession, RememberedDevice
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory
from cognito.errors import (
    DeviceNotFound,
    DevicesNotRemembered,
    InvalidParameter,
    MalformedAnswer,
    SessionNotFound,
    SessionsNotTracked,
    UserNotFound,
)
from cognito.user_pool.aws_clients import AWSClients
from infra.tokens import access_token
from local_cognito.login.user_pool.web_endpoints import WebEndpoints
from tests.cognito.directory.test_users import directory_at
from tests.e2e.people import PASSWORD, enrol_authenticator_app, have_user
from tests.support.application import Stack
from tests.support.pool_stub import PoolStub
from tests.support.provider.server import Server

KEY = "eu-west-1_a1b2c3d4-0000"
TKN, SSO = f"tkn{'1' * 25}", f"sso{'2' * 25}"
DEVICE = {
    "DeviceKey": KEY,
    "DeviceAttributes": [
        {"Name": "device_name", "Value": "Ada's phone"},
        {"Name": "last_ip_used", "Value": "203.0.113.7"},
        {"Name": "dev:device_remembered_status", "Value": "remembered"},
    ],
    "DeviceCreateDate": 1_790_000_000,
    "DeviceLastAuthenticatedDate": 1_790_000_000,
}


@pytest.fixture
def directory(stack: Stack, aws_clients: AWSClients, aws_credentials: None) -> Directory:
    return directory_at(stack.aws.endpoint_url, stack.pool.user_pool_id, clients=aws_clients)


@pytest.fixture
def user(directory: Directory, stack: Stack) -> DirectoryUser:
    email = f"{uuid.uuid4()}@example.com"
    have_user(stack, email)
    return directory.user(email)


@pytest.fixture
def tracked(stack: Stack) -> Iterator[None]:
    """Let the shared pool track sessions."""
    cognito: Any = stack.aws.cognito()

    def track(tracking: str) -> None:
        cognito.set_user_pool_session_configuration(
            UserPoolId=stack.pool.user_pool_id,
            UserSessionTracking=tracking,
            TokenSession={"MaxPerUser": 20},
        )

    track("ENABLED")
    yield
    track("DISABLED")


@pytest.mark.ministack
def test_lost_authenticator_app_is_removed(
    directory: Directory, user: DirectoryUser, stack: Stack
) -> None:
    assert not directory.factors(user.username).has_app
    with pytest.raises(InvalidParameter):
        directory.remove_factor(user.username, APP)
    enrol_authenticator_app(stack, user.email)
    factors = directory.factors(user.username)
    assert factors.has_app
    assert (factors.second, factors.preferred) == (frozenset({APP}), APP)
    assert "PASSWORD" in factors.first
    directory.remove_factor(user.username, APP)
    assert not directory.factors(user.username).has_app
    assert directory.user(user.username).mfa == ()


@pytest.mark.ministack
def test_codes_by_email_stop_being_a_second_factor(
    directory: Directory, user: DirectoryUser, stack: Stack
) -> None:
    stack.aws.cognito().admin_set_user_mfa_preference(
        UserPoolId=stack.pool.user_pool_id,
        Username=user.username,
        EmailMfaSettings={"Enabled": True, "PreferredMfa": True},
    )
    assert directory.user(user.username).mfa == ("EMAIL_OTP",)
    directory.remove_factor(user.username, "EMAIL_OTP")
    assert directory.user(user.username).mfa == ()


@pytest.mark.ministack
@pytest.mark.usefixtures("tracked")
def test_single_session_ends_and_the_others_go_on(
    directory: Directory, user: DirectoryUser, stack: Stack
) -> None:
    for _ in range(2):
        sign_in(stack, user.email)
    one, other = directory.sessions(user.username)
    assert (one.is_hosted, one.client_id) == (False, stack.pool.web_client_id)
    assert one.place == "", "the local pool knows no places"
    assert one.last_active_at is not None
    directory.end_session(user.username, one.session_id)
    assert [left.session_id for left in directory.sessions(user.username)] == [other.session_id]
    with pytest.raises(SessionNotFound):
        directory.end_session(user.username, one.session_id)
    with pytest.raises(UserNotFound):
        directory.sessions("missing@example.com")


@pytest.mark.ministack
@pytest.mark.usefixtures("tracked")
def test_sessions_at_the_hosted_ui_end_together(
    directory: Directory, user: DirectoryUser, stack: Stack
) -> None:
    endpoints = WebEndpoints(stack.aws.endpoint_url)
    for _ in range(2):
        token = sign_in(stack, user.email)
        endpoints.call("LocalBeginHostedSession", {"AccessToken": token}, region="eu-west-1")
    sign_in(stack, user.email)
    kinds = [one.is_hosted for one in directory.sessions(user.username)]
    assert sorted(kinds) == [False, True, True]
    ended = directory.end_hosted_sessions(user.username)
    assert (ended.ended, ended.left, ended.error) == (2, 0, None)
    assert [one.is_hosted for one in directory.sessions(user.username)] == [False]


@pytest.mark.ministack
def test_pool_without_tracking_or_devices_says_so(
    directory: Directory, user: DirectoryUser
) -> None:
    with pytest.raises(SessionsNotTracked):
        directory.sessions(user.username)
    ended = directory.end_hosted_sessions(user.username)
    assert (ended.ended, ended.left, ended.error) == (0, 0, None)
    with pytest.raises(DevicesNotRemembered):
        directory.devices(user.username)


def sign_in(stack: Stack, email: str) -> str:
    """Sign a user in to the web client, and return the access token."""
    return access_token(
        stack.aws.cognito(),
        client_id=stack.pool.web_client_id,
        client_secret=stack.pool.web_client_secret,
        email=email,
        password=PASSWORD,
    )


# --- Answers that the local pool does not give


@pytest.fixture
def stubbed(cognito_server: Server, stub: PoolStub, aws_clients: AWSClients) -> Directory:
    return directory_at(cognito_server.url, "eu-west-1_TestPool1", clients=aws_clients)


def test_sessions_are_read_as_cognito_describes_them(stubbed: Directory, stub: PoolStub) -> None:
    stub.answer(
        "AdminListUserSessions",
        {
            "Sessions": [
                {"SessionId": SSO, "SessionType": "SSO", "LastActiveDate": 1_790_000_000},
                {
                    "SessionId": TKN,
                    "SessionType": "TOKEN",
                    "ClientId": "abc",
                    "CreateDate": 1_790_000_000,
                    "LastActiveDate": 1_790_000_100,
                    "DeviceType": "Chrome on \u202eLinux",
                    "LastIPAddress": "203.0.113.7",
                    "LastLocation": {"City": "Dublin", "Country": "Ireland"},
                    "OriginSessionId": SSO,
                },
            ]
        },
    )
    token, hosted = stubbed.sessions("ada")
    moment = datetime.fromtimestamp(1_790_000_000, tz=UTC)
    assert hosted == PoolSession(SSO, is_hosted=True, last_active_at=moment)
    assert (token.session_id, token.is_hosted, token.client_id) == (TKN, False, "abc")
    assert (token.address, token.place, token.origin) == ("203.0.113.7", "Dublin, Ireland", SSO)
    assert token.device == "Chrome on [U+202E]Linux", "invisible characters are shown"
    stubbed.end_session("ada", TKN)
    [call] = stub.calls("AdminRevokeUserSession")
    assert (call["SessionId"], call["RevokeAssociatedSessions"]) == (TKN, "LINKED")


def test_remembered_devices_are_listed_and_forgotten(stubbed: Directory, stub: PoolStub) -> None:
    stub.answer("AdminListDevices", {"Devices": [DEVICE]})
    moment = datetime.fromtimestamp(1_790_000_000, tz=UTC)
    assert stubbed.devices("ada") == [
        RememberedDevice(KEY, "Ada's phone", "203.0.113.7", True, moment, moment)
    ]
    stubbed.forget_device("ada", KEY)
    assert stub.calls("AdminForgetDevice")[0]["DeviceKey"] == KEY
    stub.refuse("AdminForgetDevice", "ResourceNotFoundException", "Device does not exist.")
    with pytest.raises(DeviceNotFound):
        stubbed.forget_device("ada", KEY)
    stub.answer("AdminListDevices", {})
    assert stubbed.devices("ada") == []


@pytest.mark.parametrize(
    "exception", ["InvalidUserPoolConfigurationException", "OperationNotEnabledException"]
)
def test_pool_without_devices_is_no_outage(
    stubbed: Directory, stub: PoolStub, exception: str, caplog: pytest.LogCaptureFixture
) -> None:
    stub.refuse("AdminListDevices", exception)
    with pytest.raises(DevicesNotRemembered):
        stubbed.devices("ada")
    assert "Cognito refuses" not in caplog.text


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("AdminListUserSessions", {"Sessions": [{"SessionType": "SSO"}]}),
        ("AdminListUserSessions", {"Sessions": {"SessionId": SSO}}),
        ("AdminListDevices", {"Devices": [{"DeviceAttributes": []}]}),
        ("AdminListDevices", {"Devices": ["x"]}),
    ],
    ids=["session-without-id", "sessions", "device-without-key", "devices"],
)
def test_malformed_answer_is_reported(
    stubbed: Directory, stub: PoolStub, operation: str, members: object
) -> None:
    stub.answer(operation, members)
    read = {
        "AdminListUserSessions": stubbed.sessions,
        "AdminListDevices": stubbed.devices,
    }[operation]
    with pytest.raises(MalformedAnswer):
        read("ada")
