"""The permission that demands a recent sign-in, and the operations that have it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from pytest_django import Settings

from api.permissions import COGNITO_SCOPE
from api.recent_authentication import RecentAuthentication
from cognito.testing import WITHOUT, TokenFactory
from tests.support.answers import assert_problem
from tests.support.caller import Caller
from tests.support.provider.clock import Clock

pytestmark = [pytest.mark.usefixtures("known_keys"), pytest.mark.urls("tests.api.urls")]

RECENT, GOLD = "/api/v1/recent", "/api/v1/gold"
CODE = "insufficient_user_authentication"
LEVEL = "urn:cognito:loa:2"
HOUR = 3600
USER = "/api/v1/operators/users/ada"  # only with console
# Every operation that needs a recent sign-in, with a body that is otherwise valid.
OPERATIONS: list[tuple[str, str, object]] = [
    ("POST", "/api/v1/me/password", {"old_password": "a", "new_password": "correct horse"}),
    ("POST", "/api/v1/me/mfa/totp", {}),
    ("PUT", "/api/v1/me/mfa/totp", {"code": "123456"}),
    ("DELETE", "/api/v1/me/mfa/totp", {}),
    ("POST", "/api/v1/me/passkeys", {}),
    (
        "PUT",
        "/api/v1/me/passkeys",
        {"credential": {"id": "YQ", "type": "public-key", "response": {}}},
    ),
    ("DELETE", "/api/v1/me/passkeys/YQ", {}),
    ("PATCH", "/api/v1/me/profile", {"email": "new@example.com"}),
    ("PATCH", "/api/v1/me/profile", {"phone_number": "+441234567890"}),
    ("PATCH", "/api/v1/me/profile", {"name": "Ada", "email": "new@example.com"}),
    ("POST", "/api/v1/me/profile/confirm-email", {"code": "123456"}),
    ("DELETE", "/api/v1/me", {}),
    # begin capability console
    ("POST", f"{USER}/delete", {"confirm": "ada@example.com"}),
    ("POST", f"{USER}/add-to-group", {"group": "readers"}),
    ("POST", f"{USER}/remove-from-group", {"group": "readers"}),
    ("POST", f"{USER}/remove-factor", {"factor": "SOFTWARE_TOKEN_MFA"}),
    ("POST", f"{USER}/set-temporary-password", {"password": "correct horse battery"}),
    ("POST", "/api/v1/operators/groups", {"name": "readers"}),
    ("PATCH", "/api/v1/operators/groups/readers", {"description": "x"}),
    ("DELETE", "/api/v1/operators/groups/readers", {}),
    # end capability console
]


@pytest.fixture(autouse=True)
def _further_clients(settings: Settings) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"robot1", "partner1"})


@pytest.mark.parametrize(
    ("age", "is_recent"),
    [(0, True), (299, True), (302, False), (HOUR, False), (-59, True), (-HOUR, False)],
)
def test_sign_in_must_be_recent(
    call: Caller, tokens: TokenFactory, age: int, is_recent: bool
) -> None:
    response = call(tokens.access(auth_time=int(time.time()) - age), RECENT)
    if is_recent:
        assert response.status_code == 200
    else:
        assert_problem(response, 401, CODE)
        assert response["WWW-Authenticate"].startswith(f'Bearer error="{CODE}", max_age="300", ')


@pytest.mark.parametrize(
    "auth_time",
    [WITHOUT, None, True, "now", [1], {}, 0, -1, 10**15, 1e300],
)
def test_malformed_time_of_the_sign_in_is_not_recent(
    call: Caller, tokens: TokenFactory, auth_time: Any
) -> None:
    assert_problem(call(tokens.access(auth_time=auth_time), RECENT), 401, CODE)


def test_refreshed_token_keeps_the_time_of_its_sign_in(call: Caller, tokens: TokenFactory) -> None:
    now = int(time.time())
    refreshed = tokens.access(auth_time=now - HOUR, iat=now, exp=now + 900)
    assert_problem(call(refreshed, RECENT), 401, CODE)


def test_time_after_the_token_was_issued_never_becomes_recent(
    call: Caller, tokens: TokenFactory, clock: Clock
) -> None:
    now = int(clock.time())
    token = tokens.access(auth_time=now + 600, iat=now, exp=now + 900)
    assert_problem(call(token, RECENT), 401, CODE)
    clock.advance(600)
    assert_problem(call(token, RECENT), 401, CODE)


@pytest.mark.parametrize(
    ("acr", "is_enough"),
    [
        (LEVEL, True),
        ("urn:cognito:loa:4", True),
        ("urn:cognito:loa:1", False),
        ("urn:cognito:loa:2 ", False),
        (WITHOUT, False),
        (None, False),
        ([LEVEL], False),
        (2, False),
    ],
)
def test_level_of_the_sign_in_is_compared(
    call: Caller, tokens: TokenFactory, acr: Any, is_enough: bool
) -> None:
    response = call(tokens.access(acr=acr), GOLD)
    if is_enough:
        assert response.status_code == 200
    else:
        assert_problem(response, 401, CODE)
        expected = f'Bearer error="{CODE}", acr_values="{LEVEL}", max_age="60", '
        assert response["WWW-Authenticate"].startswith(expected)
        assert "resource_metadata=" in response["WWW-Authenticate"]


def test_settings_decide_unless_the_view_does(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_SECONDS, settings.COGNITO_STEP_UP_ACR = 30, (LEVEL,)
    token = tokens.access(auth_time=int(time.time()) - 45, acr=LEVEL)
    assert call(token, RECENT)["WWW-Authenticate"].count('max_age="30"') == 1
    assert call(token, GOLD).status_code == 200
    assert_problem(call(tokens.access(), RECENT), 401, CODE)


def test_machine_client_cannot_sign_in(call: Caller, tokens: TokenFactory) -> None:
    token = tokens.machine(client_id="robot1", auth_time=int(time.time()))
    assert_problem(call(token, RECENT), 403, "user_required")


def test_request_without_a_token_gets_the_usual_401(call: Caller) -> None:
    response = call(path=RECENT)
    assert_problem(response, 401, "not_authenticated")
    assert "max_age" not in response["WWW-Authenticate"]


def test_expired_token_is_refused_as_such(call: Caller, tokens: TokenFactory) -> None:
    assert_problem(call(tokens.access(exp=1, auth_time=1), RECENT), 401, "token_expired")


@pytest.mark.parametrize("acr", ['a"b', "a b c d"])
def test_malformed_level_of_a_view_is_an_error_at_its_definition(acr: str) -> None:
    with pytest.raises(ValueError, match="levels"):
        RecentAuthentication(acr=acr)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_dangerous_operation_needs_a_recent_sign_in(
    call: Caller, tokens: TokenFactory, method: str, path: str, body: object
) -> None:
    """The refusal comes before any call of Cognito, which is unavailable in this test."""
    old = tokens.access(
        {"cognito:groups": ["operators"]},
        auth_time=int(time.time()) - HOUR,
        scope=f"{COGNITO_SCOPE} api/account api/operate",
    )
    assert_problem(call(old, path, method=method, body=body), 401, CODE)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_missing_scope_is_named_before_the_sign_in_is_asked_for(
    call: Caller, tokens: TokenFactory, method: str, path: str, body: object
) -> None:
    token = tokens.access(
        {"cognito:groups": ["operators"]},
        client_id="partner1",
        auth_time=int(time.time()) - HOUR,
        scope=COGNITO_SCOPE,
    )
    assert_problem(call(token, path, method=method, body=body), 403, "insufficient_scope")


@pytest.mark.django_db
def test_harmless_change_of_the_profile_needs_no_recent_sign_in(
    call: Caller, tokens: TokenFactory
) -> None:
    token = tokens.access(auth_time=int(time.time()) - HOUR)
    response = call(token, "/api/v1/me/profile", method="PATCH", body={"name": ""})
    assert b"insufficient_user_authentication" not in response.content


def test_document_says_which_operations_need_a_recent_sign_in(call: Caller) -> None:
    document: Any = call(path="/api/v1/schema").json()  # type: ignore[attr-defined] # of Django's test client
    found = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "recent sign-in" in operation.get("description", "")
    }
    in_document = {"ada": "/{username}", "readers": "/{name}", "YQ": "/{passkey_id}"}
    expected = {
        (method, re.sub("/(ada|readers|YQ)(?=/|$)", lambda part: in_document[part[1]], path))
        for method, path, _ in OPERATIONS
    }
    assert found == expected
    header = document["components"]["responses"]["Unauthorized"]["headers"]["WWW-Authenticate"]
    assert "RFC 9470" in header["description"]
