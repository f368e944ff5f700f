"""Passkeys of the caller: list, register and delete."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import AuditEvent
from cognito.testing import TokenFactory
from tests.api.me.conftest import PASSKEYS
from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller
from tests.support.pool_stub import PoolStub
from tests.support.tokens import SUB

pytestmark = pytest.mark.django_db

CREDENTIAL = {"id": "YQ", "type": "public-key", "response": {"attestationObject": "YQ"}}
LEVEL = "urn:cognito:loa:3"


def stored(passkey_id: str = "YQ", **changes: Any) -> dict[str, Any]:
    """Return a passkey as ListWebAuthnCredentials describes it."""
    return {
        "CredentialId": passkey_id,
        "FriendlyCredentialName": "Apple Passwords",
        "RelyingPartyId": "example.com",
        "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal"],
        "CreatedAt": 1_790_000_000,
    } | changes


def test_passkeys_are_listed(call: Caller, stub: PoolStub, tokens: TokenFactory) -> None:
    roaming = stored("_-1", AuthenticatorAttachment="cross-platform", FriendlyCredentialName="")
    unknown = stored("b")
    del unknown["AuthenticatorAttachment"], unknown["CreatedAt"]
    stub.answer("ListWebAuthnCredentials", {"Credentials": [stored(), roaming, unknown]})

    listed = body_of(call(tokens.access(), PASSKEYS))["passkeys"]

    assert listed[0] == {
        "id": "YQ",
        "name": "Apple Passwords",
        "relying_party": "example.com",
        "is_portable": False,
        "created_at": "2026-09-21T14:13:20Z",
    }
    assert [(one["id"], one["is_portable"]) for one in listed[1:]] == [("_-1", True), ("b", None)]
    assert listed[2]["created_at"] is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Credentials": None},
        {"Credentials": 5},
        {"Credentials": [None]},
        {"Credentials": [stored(CredentialId=5)]},
        {"Credentials": [stored(CredentialId="")]},
        {"Credentials": [stored(CredentialId="a" * 1365)]},
    ],
)
def test_malformed_list_is_a_malformed_answer(
    call: Caller, stub: PoolStub, tokens: TokenFactory, answer: dict[str, Any]
) -> None:
    stub.answer("ListWebAuthnCredentials", answer)
    assert_problem(call(tokens.access(), PASSKEYS), 503, "malformed_answer")


@pytest.mark.parametrize("options", [None, "x", [], {"a": "b" * 20_000}])
def test_malformed_creation_options_are_not_returned(
    call: Caller, stub: PoolStub, tokens: TokenFactory, options: object
) -> None:
    stub.answer("StartWebAuthnRegistration", {"CredentialCreationOptions": options})
    response = call(tokens.access(), PASSKEYS, method="POST")
    assert_problem(response, 503, "malformed_answer")


def test_registration_takes_two_steps(call: Caller, stub: PoolStub, tokens: TokenFactory) -> None:
    token = tokens.access()
    options = body_of(call(token, PASSKEYS, method="POST"))
    assert options == {"creation_options": {"challenge": "YQ"}}
    assert not AuditEvent.objects.exists()

    response = call(token, PASSKEYS, method="PUT", body={"credential": CREDENTIAL})

    assert response.status_code == 204
    (sent,) = stub.calls("CompleteWebAuthnRegistration")
    assert sent == {"AccessToken": token, "Credential": CREDENTIAL}
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.actor_sub) == ("passkey_on", "success", SUB)


@pytest.mark.parametrize(
    "body",
    [{}, {"credential": "YQ"}, {"credential": CREDENTIAL | {"type": "x"}}, {"credential": []}],
)
def test_malformed_credential_never_reaches_the_pool(
    call: Caller, stub: PoolStub, tokens: TokenFactory, body: object
) -> None:
    response = call(tokens.access(), PASSKEYS, method="PUT", body=body)
    problem = assert_problem(response, 400, "validation_failed")
    assert list(problem["errors"]) == ["credential"]
    assert stub.received == []


def test_passkey_is_deleted(call: Caller, stub: PoolStub, tokens: TokenFactory) -> None:
    token = tokens.access()
    assert call(token, f"{PASSKEYS}/_-1", method="DELETE").status_code == 204
    assert stub.calls("DeleteWebAuthnCredential") == [{"AccessToken": token, "CredentialId": "_-1"}]
    assert AuditEvent.objects.get().action == "passkey_off"


@pytest.mark.parametrize("passkey_id", ["a" * 1365, "a.b", "%00", "%C3%A9", "a%20b", "%2e%2e"])
def test_malformed_id_never_reaches_the_pool(
    call: Caller, stub: PoolStub, tokens: TokenFactory, passkey_id: str
) -> None:
    response = call(tokens.access(), f"{PASSKEYS}/{passkey_id}", method="DELETE")
    assert response.status_code == 404
    assert stub.received == []


def test_unknown_passkey_is_not_found(call: Caller, stub: PoolStub, tokens: TokenFactory) -> None:
    stub.refuse("DeleteWebAuthnCredential", "ResourceNotFoundException")
    assert_problem(call(tokens.access(), f"{PASSKEYS}/YQ", method="DELETE"), 404, "not_found")
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("factors", "ids", "is_deleted"),
    [
        (["WEB_AUTHN"], ["YQ"], False),
        (["WEB_AUTHN"], ["YQ", "b"], True),
        (["WEB_AUTHN", "EMAIL_OTP"], ["YQ"], True),
        (["PASSWORD"], ["YQ"], True),
    ],
)
def test_last_way_to_sign_in_cannot_be_deleted(
    call: Caller,
    stub: PoolStub,
    tokens: TokenFactory,
    *,
    factors: list[str],
    ids: list[str],
    is_deleted: bool,
) -> None:
    stub.answer("GetUserAuthFactors", {"ConfiguredUserAuthFactors": factors})
    stub.answer("ListWebAuthnCredentials", {"Credentials": [stored(one) for one in ids]})

    response = call(tokens.access(), f"{PASSKEYS}/YQ", method="DELETE")

    if is_deleted:
        assert response.status_code == 204
    else:
        assert_problem(response, 409, "last_factor")
        assert stub.calls("DeleteWebAuthnCredential") == []
        assert not AuditEvent.objects.exists()


def test_malformed_factors_do_not_permit_a_deletion(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    stub.answer("GetUserAuthFactors", {"ConfiguredUserAuthFactors": 5})
    stub.answer("ListWebAuthnCredentials", {"Credentials": [stored()]})
    response = call(tokens.access(), f"{PASSKEYS}/YQ", method="DELETE")
    assert_problem(response, 503, "malformed_answer")
    assert stub.calls("DeleteWebAuthnCredential") == []


@pytest.mark.parametrize(
    ("passkeys", "factors", "is_asked"),
    [([], [], False), ([stored()], [], True), ([], ["SOFTWARE_TOKEN_MFA"], True)],
)
def test_only_a_user_with_a_strong_factor_needs_the_level(
    call: Caller,
    stub: PoolStub,
    tokens: TokenFactory,
    settings: Settings,
    *,
    passkeys: list[Any],
    factors: list[str],
    is_asked: bool,
) -> None:
    settings.COGNITO_STEP_UP_ACR = LEVEL
    stub.answer("ListWebAuthnCredentials", {"Credentials": passkeys})
    stub.answer("GetUserAuthFactors", {"UserMFASettingList": factors})

    answers = [
        call(tokens.access(), PASSKEYS, method="POST"),
        call(tokens.access(), PASSKEYS, method="PUT", body={"credential": CREDENTIAL}),
    ]

    if is_asked:
        for answer in answers:
            assert_problem(answer, 401, "insufficient_user_authentication")
    else:
        assert [one.status_code for one in answers] == [200, 204]
    deletion = call(tokens.access(), f"{PASSKEYS}/YQ", method="DELETE")
    assert_problem(deletion, 401, "insufficient_user_authentication")
