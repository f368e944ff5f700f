from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from webauthn.helpers import bytes_to_base64url

from local_cognito.aws.webauthn import ceremonies
from local_cognito.aws.webauthn.errors import (
    CeremonyRefused,
    ChallengeNotFound,
    CounterWentBack,
    CredentialNotSupported,
    ForeignCredential,
    MalformedCredential,
    OriginNotAllowed,
    RelyingPartyMismatch,
    UserNotVerified,
)
from local_cognito.aws.webauthn.options import creation_options, request_options
from local_cognito.aws.webauthn.passkey import Passkey, descriptors
from local_cognito.aws.webauthn.relying_party import RelyingParty
from tests.support.software_authenticator import SoftwareAuthenticator, tampered

SUB = "eaad0219-2117-439f-8d46-4db20e4b5c11"
LOCAL = RelyingParty("localhost")
STRICT = replace(LOCAL, requires_user_verification=True)


@dataclass
class User:
    """A user with an authenticator, at a user pool that keeps `passkeys`."""

    authenticator: SoftwareAuthenticator = field(default_factory=SoftwareAuthenticator)
    relying_party: RelyingParty = LOCAL
    passkeys: list[Passkey] = field(default_factory=list)

    def creation_options(self) -> dict[str, Any]:
        return creation_options(
            self.relying_party,
            challenge=secrets.token_urlsafe(32),
            user_handle=SUB,
            username="ada@example.com",
            passkeys=self.passkeys,
        )

    def request_options(self) -> dict[str, Any]:
        return request_options(
            self.relying_party,
            challenge=secrets.token_urlsafe(32),
            allowed=descriptors(self.passkeys, self.relying_party.id),
        )

    def register(self, **defects: Any) -> Passkey:
        options = self.creation_options()
        return self.registered(options, self.authenticator.register(options, **defects))

    def registered(self, options: dict[str, Any], response: Any) -> Passkey:
        passkey = ceremonies.verify_registration(
            response, self.relying_party, challenge=options["challenge"], now=1000.0
        )
        self.passkeys.append(passkey)
        return passkey

    def sign_in(self, **defects: Any) -> bool:
        options = self.request_options()
        return self.signed_in(options, self.authenticator.sign_in(options, **defects))

    def signed_in(self, options: dict[str, Any], response: Any) -> bool:
        """Return whether the user was verified, and store the passkey's counter."""
        passkey, verified = ceremonies.verify_authentication(
            response,
            self.relying_party,
            challenge=options["challenge"],
            user_handle=SUB,
            passkeys=self.passkeys,
        )
        self.passkeys = [
            passkey if known.credential_id == passkey.credential_id else known
            for known in self.passkeys
        ]
        return verified


@pytest.fixture
def user() -> User:
    return User()


@pytest.fixture
def registered(user: User) -> User:
    user.register()
    return user


def test_options_have_the_members_and_values_of_cognito(registered: User) -> None:
    """https://docs.aws.amazon.com/cli/latest/reference/cognito-idp/start-web-authn-registration.html"""
    options = registered.creation_options()
    credential_id = registered.passkeys[0].credential_id
    challenge = options.pop("challenge")
    assert len(challenge) == 43
    assert options == {
        "rp": {"id": "localhost", "name": "localhost"},
        "user": {
            "id": bytes_to_base64url(SUB.encode()),
            "name": "ada@example.com",
            "displayName": "ada@example.com",
        },
        "pubKeyCredParams": [
            {"type": "public-key", "alg": -7},
            {"type": "public-key", "alg": -257},
        ],
        "timeout": 60000,
        "excludeCredentials": [
            {"type": "public-key", "id": credential_id, "transports": ["internal"]}
        ],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": "preferred",
        },
    }
    requested = registered.request_options()
    assert {**requested, "challenge": ""} == {
        "challenge": "",
        "timeout": 180000,
        "rpId": "localhost",
        "allowCredentials": [
            {"type": "public-key", "id": credential_id, "transports": ["internal"]}
        ],
        "userVerification": "preferred",
    }


def test_passkey_is_registered_and_signs_in(user: User) -> None:
    passkey = user.register()
    assert passkey.description() == {
        "CredentialId": bytes_to_base64url(user.authenticator.credential_id),
        "FriendlyCredentialName": "Platform passkey",
        "RelyingPartyId": "localhost",
        "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal"],
        "CreatedAt": 1000.0,
    }
    assert Passkey.loaded(json.loads(json.dumps(passkey.stored()))) == passkey
    assert user.sign_in() is True
    assert user.sign_in() is True
    assert user.passkeys[0].sign_count == 2


def test_credential_is_accepted_as_text_and_as_a_document(user: User) -> None:
    options = user.creation_options()
    user.registered(options, json.dumps(user.authenticator.register(options)))
    requested = user.request_options()
    response = user.authenticator.sign_in(requested)
    assert ceremonies.challenge_in(response) == requested["challenge"]
    assert ceremonies.user_handle_in(json.dumps(response)) == SUB
    assert user.signed_in(requested, json.dumps(response))


def test_shared_passkey_that_does_not_count_signs_in_repeatedly(user: User) -> None:
    user.authenticator.counts = False
    user.register()
    assert user.sign_in()
    assert user.sign_in()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://evil.localhost:4567"])
def test_another_origin_is_refused(user: User, origin: str) -> None:
    with pytest.raises(OriginNotAllowed):
        user.register(origin=origin)
    user.register()
    with pytest.raises(OriginNotAllowed):
        user.sign_in(origin=origin)


def test_frame_in_a_page_of_another_site_is_refused(user: User) -> None:
    with pytest.raises(OriginNotAllowed):
        user.register(crossOrigin=True)
    user.register()
    with pytest.raises(OriginNotAllowed):
        user.sign_in(crossOrigin=True)


def test_another_relying_party_is_refused(user: User) -> None:
    with pytest.raises(RelyingPartyMismatch):
        user.register(rp_id="evil.example")
    user.register()
    with pytest.raises(RelyingPartyMismatch):
        user.sign_in(rp_id="evil.example")


def test_passkey_of_the_former_relying_party_is_refused(registered: User) -> None:
    registered.relying_party = RelyingParty("example.com")
    registered.authenticator.origin = "https://login.example.com"
    assert registered.request_options()["allowCredentials"] == []
    with pytest.raises(RelyingPartyMismatch):
        registered.sign_in()


def test_response_to_another_challenge_is_refused(registered: User) -> None:
    with pytest.raises(ChallengeNotFound):
        registered.sign_in(challenge=secrets.token_urlsafe(32))
    with pytest.raises(ChallengeNotFound):
        registered.register(challenge=secrets.token_urlsafe(32))


def test_replayed_response_is_refused_at_a_new_challenge(registered: User) -> None:
    options = registered.request_options()
    response = registered.authenticator.sign_in(options)
    assert registered.signed_in(options, response)
    with pytest.raises(ChallengeNotFound):
        registered.signed_in(registered.request_options(), response)


def test_foreign_credential_is_refused(registered: User) -> None:
    options = registered.request_options()
    attacker = SoftwareAuthenticator(user_handle=registered.authenticator.user_handle)
    with pytest.raises(ForeignCredential):
        registered.signed_in(options, attacker.sign_in(options))


def test_foreign_key_under_a_known_credential_id_is_refused(registered: User) -> None:
    options = registered.request_options()
    attacker = SoftwareAuthenticator(
        credential_id=registered.authenticator.credential_id,
        user_handle=registered.authenticator.user_handle,
    )
    with pytest.raises(CredentialNotSupported):
        registered.signed_in(options, attacker.sign_in(options))


def test_response_that_names_another_user_is_refused(registered: User) -> None:
    registered.authenticator.user_handle = bytes_to_base64url(b"another user")
    with pytest.raises(ForeignCredential):
        registered.sign_in()


@pytest.mark.parametrize("difference", [-2, -1])
def test_counter_that_goes_back_or_stays_is_refused(registered: User, difference: int) -> None:
    """The authenticator adds one before it signs."""
    assert registered.sign_in()
    assert registered.sign_in()
    registered.authenticator.sign_count += difference
    with pytest.raises(CounterWentBack):
        registered.sign_in()
    assert registered.passkeys[0].sign_count == 2


def test_user_verification_is_required_where_the_pool_requires_it(user: User) -> None:
    user.authenticator.verifies = False
    user.register()
    assert user.sign_in() is False
    user.relying_party = STRICT
    assert user.request_options()["userVerification"] == "required"
    selection = user.creation_options()["authenticatorSelection"]
    assert selection["userVerification"] == "required"
    with pytest.raises(UserNotVerified):
        user.sign_in()
    with pytest.raises(UserNotVerified):
        user.register()
    user.authenticator.verifies = True
    assert user.sign_in() is True


def test_registration_cannot_be_used_to_sign_in_nor_the_reverse(registered: User) -> None:
    with pytest.raises(CredentialNotSupported):
        registered.sign_in(type="webauthn.create")
    with pytest.raises(CredentialNotSupported):
        registered.register(type="webauthn.get")


def test_algorithm_that_cognito_does_not_recognize_is_refused(user: User) -> None:
    with pytest.raises(CredentialNotSupported):
        user.register(algorithm=-35)


@pytest.mark.parametrize("member", ["signature", "clientDataJSON", "authenticatorData"])
def test_changed_response_is_refused(registered: User, member: str) -> None:
    options = registered.request_options()
    response = tampered(registered.authenticator.sign_in(options), member)
    with pytest.raises(CeremonyRefused):
        registered.signed_in(options, response)


def test_credential_id_that_the_authenticator_did_not_sign_is_refused(user: User) -> None:
    options = user.creation_options()
    response = user.authenticator.register(options)
    response["id"] = response["rawId"] = bytes_to_base64url(b"another")
    with pytest.raises(MalformedCredential):
        user.registered(options, response)


MALFORMED: list[Any] = [
    "",
    "not JSON",
    "[]",
    "null",
    "{}",
    '{"response": null}',
    "[" * 5000,
    {"response": {}},
    {"response": {"clientDataJSON": 5}},
    {"response": {"clientDataJSON": "!"}},
    {"response": {"clientDataJSON": bytes_to_base64url(b"[]")}},
    {"response": {"clientDataJSON": bytes_to_base64url(b'{"challenge": 1}')}},
    {"response": {"clientDataJSON": bytes_to_base64url(b"[" * 5000)}},
    "x" * (ceremonies.MAXIMUM_RESPONSE_CHARACTERS + 1),
]


@pytest.mark.parametrize("response", MALFORMED)
def test_malformed_response_is_refused(registered: User, response: Any) -> None:
    with pytest.raises(MalformedCredential):
        ceremonies.challenge_in(response)
    with pytest.raises(MalformedCredential):
        ceremonies.user_handle_in(response)
    with pytest.raises(MalformedCredential):
        registered.registered(registered.creation_options(), response)
    with pytest.raises(MalformedCredential):
        registered.signed_in(registered.request_options(), response)


WRONG_VALUES: list[Any] = [None, 5, "", "!!", "AAAA", [], {}, bytes_to_base64url(b"\x00" * 200)]


@pytest.mark.parametrize("value", WRONG_VALUES)
@pytest.mark.parametrize("member", ["clientDataJSON", "attestationObject"])
def test_registration_with_a_wrong_member_is_refused(user: User, member: str, value: Any) -> None:
    options = user.creation_options()
    response = user.authenticator.register(options)
    response["response"][member] = value
    with pytest.raises(CeremonyRefused):
        user.registered(options, response)


@pytest.mark.parametrize("value", WRONG_VALUES)
@pytest.mark.parametrize("member", ["clientDataJSON", "authenticatorData", "signature"])
def test_sign_in_with_a_wrong_member_is_refused(registered: User, member: str, value: Any) -> None:
    options = registered.request_options()
    response = registered.authenticator.sign_in(options)
    response["response"][member] = value
    with pytest.raises(CeremonyRefused):
        registered.signed_in(options, response)


@pytest.mark.parametrize("member", ["id", "rawId", "type", "authenticatorAttachment"])
@pytest.mark.parametrize("value", [5, [], "x"])
def test_credential_with_a_wrong_member_is_refused(user: User, member: str, value: Any) -> None:
    options = user.creation_options()
    response = user.authenticator.register(options) | {member: value}
    if member == "authenticatorAttachment" and value != "x":
        assert user.registered(options, response).attachment == ""
        return
    with pytest.raises(CeremonyRefused):
        user.registered(options, response)
