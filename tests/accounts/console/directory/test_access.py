"""An operator sees and ends what a user signs in with: factors, sessions at Cognito, devices."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, BrowserSession, User
from accounts.sessions import authentication
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import USERS, Api, last_event, row_of, session_of
from tests.cognito.directory.test_access import DEVICE, KEY, SSO, TKN
from tests.support.answers import assert_problem, body_of
from tests.support.pool_stub import PoolStub
from tests.support.pool_stub import user as described

pytestmark = pytest.mark.django_db

APP = "SOFTWARE_TOKEN_MFA"
HOSTED = {"SessionId": SSO, "SessionType": "SSO", "LastActiveDate": 1_790_000_000}
SIGN_IN = {
    "SessionId": TKN,
    "SessionType": "TOKEN",
    "ClientId": "another-app",
    "LastActiveDate": 1_790_000_100,
    "DeviceType": "Chrome on Linux",
    "LastIPAddress": "203.0.113.7",
    "LastLocation": {"City": "Dublin", "Country": "Ireland"},
}
# The actions that end a user's sign-ins, and their bodies in the API.
ENDINGS = {
    "sign-out": {},
    "reset-password": {},
    "set-temporary-password": {"password": "a temporary one"},
}


@pytest.fixture
def factors(stub: PoolStub, ada: DirectoryUser) -> None:
    """Give Ada a password, a passkey and two second factors."""
    member = {"UserMFASettingList": [APP, "EMAIL_OTP"]}
    stub.answer("AdminGetUser", described(sub=ada.sub, email=ada.email) | member)
    configured = {"ConfiguredUserAuthFactors": ["PASSWORD", "WEB_AUTHN"]}
    preferred = {"PreferredMfaSetting": APP}
    stub.answer("AdminGetUserAuthFactors", member | configured | preferred)


@pytest.fixture
def sessions(stub: PoolStub) -> None:
    stub.answer("AdminListUserSessions", {"Sessions": [SIGN_IN, HOSTED]})


def page_of(user: DirectoryUser, action: str = "", **query: str) -> str:
    path = reverse("admin:accounts_directory_user", args=[user.username])
    return f"{path}{action and action + '/'}{'?' + urlencode(query) if query else ''}"


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()
    return str(response.content.decode())


# --- A person's page


@pytest.mark.usefixtures("factors", "sessions")
def test_page_names_factors_sessions_and_devices_in_plain_words(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.answer("AdminListDevices", {"Devices": [DEVICE]})
    page = text(client.get(page_of(ada)))
    for words in (
        *("Authenticator app", "Codes by e-mail", "Passkeys", "Password"),
        *("Cognito gives operators no way to list or remove passkeys", "asked for first"),
        *("Chrome on Linux", "Dublin, Ireland", "203.0.113.7", "another-app", "Hosted UI"),
        *("Ada&#x27;s phone", "May be skipped"),
    ):
        assert words in page, words
    assert APP not in page.replace(f"argument={APP}", "")
    for link in (
        page_of(ada, "remove-factor", argument=APP),
        page_of(ada, "end-session", argument=TKN),
        page_of(ada, "forget-device", argument=KEY),
    ):
        assert f'href="{link}"' in page, link
    assert len(stub.received) == 6, "the number of calls does not grow"


@pytest.mark.slow
@pytest.mark.usefixtures("factors")
@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("AdminGetUserAuthFactors", "Authenticator app"),
        ("AdminListUserSessions", "Sessions at Cognito"),
        ("AdminListDevices", "Remembered devices"),
    ],
)
@pytest.mark.parametrize("fault", ["reset", "status:503", "html", "AccessDeniedException"])
def test_part_that_fails_says_so_and_the_others_are_shown(
    root: User,
    client: Client,
    stub: PoolStub,
    ada: DirectoryUser,
    *,
    operation: str,
    words: str,
    fault: str,
) -> None:
    stub.tell(operation, fault)
    page = text(client.get(page_of(ada)))
    assert page.count('class="errornote"') == 1
    assert words in page
    assert "ada@example.com" in page


@pytest.mark.usefixtures("factors")
def test_page_says_what_the_pool_lacks(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.refuse("AdminListUserSessions", "OperationNotEnabledException")
    stub.refuse("AdminListDevices", "InvalidUserPoolConfigurationException")
    stub.refuse("AdminGetUserAuthFactors", "InvalidAction")
    page = text(client.get(page_of(ada)))
    assert "does not track sessions" in page
    assert "Remembered devices" not in page
    assert "Authenticator app" in page, "AdminGetUser names it as well"
    assert "errornote" not in page


@pytest.mark.usefixtures("sessions")
def test_operator_gets_no_links_for_their_own_account(
    root: User, client: Client, stub: PoolStub
) -> None:
    stub.operator_members = {"UserMFASettingList": [APP]}
    me = DirectoryUser(root.sub, root.sub, "CONFIRMED", True, None, None, {})
    page = text(client.get(page_of(me)))
    assert "Authenticator app" in page
    assert "remove-factor" not in page
    assert "end-session" not in page


# --- Removing a factor


@pytest.mark.usefixtures("factors")
def test_authenticator_app_is_removed_and_recorded(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    question = text(client.get(page_of(ada, "remove-factor", argument="EMAIL_OTP")))
    assert '<option value="EMAIL_OTP" selected>Codes by e-mail</option>' in question
    assert "Passkeys" not in question
    done = client.post(page_of(ada, "remove-factor"), {"argument": APP})
    assert (done.status_code, done["Location"]) == (302, page_of(ada))
    assert stub.calls("AdminDeleteSoftwareToken")[0]["Username"] == ada.username
    assert last_event() == ("remove_factor", "success", APP, root.sub, ada.sub)


@pytest.mark.usefixtures("factors")
def test_factor_is_removed_only_after_a_recent_sign_in(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    store = client.session
    store[authentication.SESSION_KEY] = [1, None]
    store.save()
    answer = client.post(page_of(ada, "remove-factor"), {"argument": APP})
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (
        302,
        "/accounts/confirm/",
    )
    assert not stub.calls("AdminDeleteSoftwareToken")


@pytest.mark.usefixtures("factors")
@pytest.mark.parametrize("factor", ["WEB_AUTHN", "SMS_MFA", "nonsense", ""])
def test_factor_that_the_user_lacks_is_refused(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser, factor: str
) -> None:
    page = text(client.post(page_of(ada, "remove-factor"), {"argument": factor}))
    assert "Select a valid choice" in page or "This field is required" in page
    assert not AuditEvent.objects.exists()


@pytest.mark.usefixtures("factors")
def test_removal_that_the_pool_refuses_is_a_failure(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.refuse("AdminDeleteSoftwareToken", "InvalidParameterException")
    assert_problem(api.do("remove-factor", ada, factor=APP), 400, "validation_failed")
    assert last_event()[:3] == ("remove_factor", "failure", f"{APP}: invalid_parameter")


@pytest.mark.usefixtures("factors")
def test_api_switches_off_codes(api: Api, stub: PoolStub, ada: DirectoryUser) -> None:
    assert api.do("remove-factor", ada, factor="EMAIL_OTP").status_code == 204
    [call] = stub.calls("AdminSetUserMFAPreference")
    assert call["EmailMfaSettings"] == {"Enabled": False, "PreferredMfa": False}
    assert "SMSMfaSettings" not in call
    assert_problem(api.do("remove-factor", ada, factor="WEB_AUTHN"), 400, "validation_failed")


@pytest.mark.usefixtures("factors")
def test_api_names_the_field_of_a_factor_that_the_user_lacks(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    problem = assert_problem(
        api.do("remove-factor", ada, factor="SMS_MFA"), 400, "validation_failed"
    )
    assert problem["errors"] == {"factor": ["The user does not have this second factor."]}
    assert not stub.calls("AdminSetUserMFAPreference")
    assert last_event()[:3] == ("remove_factor", "failure", "SMS_MFA: factor_missing")


# --- Ending a session, forgetting a device


@pytest.mark.usefixtures("sessions")
def test_session_is_ended_and_recorded(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    session = session_of(row_of(ada))
    question = text(client.get(page_of(ada, "end-session", argument=TKN)))
    assert f'<option value="{TKN}" selected>another-app, Chrome on Linux, Dublin' in question
    done = client.post(page_of(ada, "end-session"), {"argument": TKN})
    assert done.status_code == 302
    [call] = stub.calls("AdminRevokeUserSession")
    assert (call["SessionId"], call["RevokeAssociatedSessions"]) == (TKN, "LINKED")
    assert last_event() == ("end_session", "success", TKN, root.sub, ada.sub)
    renewed_at = BrowserSession.objects.get(pk=session.pk).renewed_at
    assert renewed_at < session.renewed_at, "the session is renewed with its next request"


def test_session_that_has_ended_already_is_reported(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.refuse("AdminRevokeUserSession", "ResourceNotFoundException", "Session does not exist.")
    problem = assert_problem(api.do("end-session", ada, session=TKN), 400, "validation_failed")
    assert "session" in problem["errors"]
    assert last_event()[1:3] == ("failure", f"{TKN}: session_not_found")


@pytest.mark.parametrize("session", ["", "tkn", TKN.upper(), f"{TKN}\n", "x" * 5000])
def test_malformed_session_is_not_sent_to_the_pool(
    api: Api, stub: PoolStub, ada: DirectoryUser, session: str
) -> None:
    assert_problem(api.do("end-session", ada, session=session), 400, "validation_failed")
    assert not stub.received


def test_device_is_forgotten_and_recorded(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.answer("AdminListDevices", {"Devices": [DEVICE]})
    assert client.post(page_of(ada, "forget-device"), {"argument": KEY}).status_code == 302
    assert stub.calls("AdminForgetDevice")[0]["DeviceKey"] == KEY
    assert last_event()[:3] == ("forget_device", "success", KEY)


# --- The API


@pytest.mark.usefixtures("factors", "sessions")
def test_api_lists_factors_sessions_and_devices(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.answer("AdminListDevices", {"Devices": [DEVICE]})
    path = f"{USERS}/{ada.username}"
    assert body_of(api.get(f"{path}/factors")) == {
        "first": ["PASSWORD", "WEB_AUTHN"],
        "second": ["EMAIL_OTP", APP],
        "preferred": APP,
    }
    one, hosted = body_of(api.get(f"{path}/sessions"))["sessions"]
    assert (one["id"], one["hosted"], one["place"]) == (TKN, False, "Dublin, Ireland")
    assert (hosted["id"], hosted["hosted"], hosted["signed_in_at"]) == (SSO, True, None)
    [device] = body_of(api.get(f"{path}/devices"))["devices"]
    assert (device["key"], device["trusted"]) == (KEY, True)


@pytest.mark.parametrize(
    ("part", "operation", "exception", "code"),
    [
        ("sessions", "AdminListUserSessions", "OperationNotEnabledException", "sessions"),
        ("devices", "AdminListDevices", "InvalidUserPoolConfigurationException", "devices"),
    ],
)
def test_api_says_what_the_pool_lacks(
    api: Api,
    stub: PoolStub,
    ada: DirectoryUser,
    *,
    part: str,
    operation: str,
    exception: str,
    code: str,
) -> None:
    stub.refuse(operation, exception)
    codes = {"sessions": "sessions_not_tracked", "devices": "devices_not_remembered"}
    assert_problem(api.get(f"{USERS}/{ada.username}/{part}"), 409, codes[code])


# --- Sessions at the hosted UI end with every sign-in


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize("action", ENDINGS)
def test_hosted_sessions_end_as_well(
    api: Api, stub: PoolStub, ada: DirectoryUser, action: str
) -> None:
    assert api.do(action, ada, **ENDINGS[action]).status_code == 204
    [call] = stub.calls("AdminRevokeUserSession")
    assert (call["SessionId"], call["RevokeAssociatedSessions"]) == (SSO, "LINKED")
    assert last_event()[1] == "success"


@pytest.mark.slow
@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize("action", ENDINGS)
@pytest.mark.parametrize("operation", ["AdminListUserSessions", "AdminRevokeUserSession"])
@pytest.mark.parametrize("fault", ["reset", "status:503", "TooManyRequestsException"])
def test_hosted_session_that_is_left_is_reported(
    api: Api,
    stub: PoolStub,
    ada: DirectoryUser,
    *,
    action: str,
    operation: str,
    fault: str,
) -> None:
    session_of(row_of(ada))
    stub.tell(operation, fault)
    problem = assert_problem(api.do(action, ada, **ENDINGS[action]), 503, "hosted_sessions_left")
    assert "Sign the user out everywhere." in problem["detail"]
    assert last_event()[1:3] == ("failure", "hosted_sessions_left")
    assert not BrowserSession.objects.exists(), "the user is signed out of this site"


@pytest.mark.parametrize("action", ENDINGS)
@pytest.mark.parametrize("exception", ["OperationNotEnabledException", "AccessDeniedException"])
def test_pool_that_may_not_track_sessions_signs_users_out_as_before(
    api: Api, stub: PoolStub, ada: DirectoryUser, action: str, exception: str
) -> None:
    stub.refuse("AdminListUserSessions", exception)
    assert api.do(action, ada, **ENDINGS[action]).status_code == 204
    assert last_event()[1] == "success"
