"""Register, list and delete passkeys through boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local_cognito.aws.operations.passkeys import MAXIMUM_PASSKEYS
from tests.local_cognito.aws.operations.conftest import TestPool
from tests.support.software_authenticator import SoftwareAuthenticator

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

pytestmark = pytest.mark.ministack


@dataclass
class User:
    """A signed-in user at a pool with passkeys."""

    cognito: CognitoIdentityProviderClient
    email: str
    access_token: str

    def start(self) -> Any:
        started = self.cognito.start_web_authn_registration(AccessToken=self.access_token)
        return started["CredentialCreationOptions"]

    def complete(self, credential: Any) -> None:
        self.cognito.complete_web_authn_registration(
            AccessToken=self.access_token, Credential=credential
        )

    def register(self) -> SoftwareAuthenticator:
        authenticator = SoftwareAuthenticator()
        self.complete(authenticator.register(self.start()))
        return authenticator

    def passkeys(self, **page: Any) -> Any:
        return self.cognito.list_web_authn_credentials(AccessToken=self.access_token, **page)


@pytest.fixture(scope="module")
def passkey_pool(pool: TestPool) -> TestPool:
    pool.cognito.update_user_pool(
        UserPoolId=pool.user_pool_id,
        Policies={
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}
        },
    )
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.user_pool_id,
        WebAuthnConfiguration={"RelyingPartyId": "localhost", "UserVerification": "preferred"},
    )
    return pool


@pytest.fixture
def user(passkey_pool: TestPool) -> User:
    return new_user(passkey_pool)


def new_user(pool: TestPool) -> User:
    email = pool.new_user()
    return User(pool.cognito, email, pool.signs_in(email)["AccessToken"])


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(*arguments)
    return str(refused.value.response["Error"]["Code"])


def test_passkeys_are_registered_listed_and_deleted(user: User) -> None:
    options = user.start()
    assert options["rp"] == {"id": "localhost", "name": "localhost"}
    assert options["user"]["name"] == user.email
    assert options["excludeCredentials"] == []
    first = SoftwareAuthenticator()
    user.complete(first.register(options))
    second = user.register()
    [excluded, _] = user.start()["excludeCredentials"]
    listed = user.passkeys()["Credentials"]
    assert excluded["id"] == listed[0]["CredentialId"]
    assert {name: listed[0][name] for name in listed[0] if name != "CreatedAt"} == {
        "CredentialId": excluded["id"],
        "FriendlyCredentialName": "Platform passkey",
        "RelyingPartyId": "localhost",
        "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal"],
    }
    assert listed[0]["CreatedAt"].tzinfo is not None

    user.cognito.delete_web_authn_credential(
        AccessToken=user.access_token, CredentialId=excluded["id"]
    )
    [kept] = user.passkeys()["Credentials"]
    assert kept["CredentialId"] == second.register(options)["id"]


def test_unknown_passkey_is_not_deleted(user: User, passkey_pool: TestPool) -> None:
    other = new_user(passkey_pool)
    other.register()
    [theirs] = other.passkeys()["Credentials"]

    def delete() -> None:
        user.cognito.delete_web_authn_credential(
            AccessToken=user.access_token, CredentialId=theirs["CredentialId"]
        )

    assert refusal(delete) == "ResourceNotFoundException"
    assert len(other.passkeys()["Credentials"]) == 1


def test_number_of_passkeys_is_limited_and_listed_in_pages(user: User) -> None:
    options = [user.start() for _ in range(MAXIMUM_PASSKEYS + 1)]
    for each in options[:-1]:
        user.complete(SoftwareAuthenticator().register(each))
    last = SoftwareAuthenticator().register(options[-1])
    assert refusal(user.complete, last) == "LimitExceededException"
    assert refusal(user.start) == "LimitExceededException"

    pages = [user.passkeys(MaxResults=8)]
    while token := pages[-1].get("NextToken"):
        pages.append(user.passkeys(MaxResults=8, NextToken=token))
    assert [len(page["Credentials"]) for page in pages] == [8, 8, 4]
    shown = {passkey["CredentialId"] for page in pages for passkey in page["Credentials"]}
    assert len(shown) == MAXIMUM_PASSKEYS
    assert refusal(lambda: user.passkeys(NextToken="x")) == "InvalidParameterException"


def test_challenge_is_accepted_once(user: User) -> None:
    options = user.start()
    user.complete(SoftwareAuthenticator().register(options))
    again = SoftwareAuthenticator().register(options)
    assert refusal(user.complete, again) == "WebAuthnChallengeNotFoundException"
    refused = SoftwareAuthenticator(origin="https://evil.example").register(user.start())
    assert refusal(user.complete, refused) == "WebAuthnOriginNotAllowedException"
    assert refusal(user.complete, refused) == "WebAuthnChallengeNotFoundException"


def test_challenge_of_another_user_is_refused(user: User, passkey_pool: TestPool) -> None:
    options = new_user(passkey_pool).start()
    credential = SoftwareAuthenticator().register(options)
    assert refusal(user.complete, credential) == "WebAuthnChallengeNotFoundException"


def test_challenge_of_another_app_client_is_refused(user: User, passkey_pool: TestPool) -> None:
    other = passkey_pool.cognito.create_user_pool_client(
        UserPoolId=passkey_pool.user_pool_id,
        ClientName="other",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
    at_other = TestPool(
        passkey_pool.aws, passkey_pool.cognito, passkey_pool.user_pool_id, other
    ).signs_in(user.email)["AccessToken"]
    credential = SoftwareAuthenticator().register(user.start())
    user.access_token = at_other
    assert refusal(user.complete, credential) == "WebAuthnClientMismatchException"


def test_passkey_belongs_to_one_user(user: User, passkey_pool: TestPool) -> None:
    authenticator = new_user(passkey_pool).register()
    credential = authenticator.register(user.start())
    assert refusal(user.complete, credential) == "InvalidParameterException"


@pytest.mark.parametrize(
    ("defects", "error"),
    [
        ({"rp_id": "evil.example"}, "WebAuthnRelyingPartyMismatchException"),
        ({"algorithm": -35}, "WebAuthnCredentialNotSupportedException"),
        ({"origin": "http://127.0.0.1:4567"}, "WebAuthnOriginNotAllowedException"),
    ],
)
def test_refusals_have_the_exceptions_of_the_service_model(
    user: User, defects: dict[str, Any], error: str
) -> None:
    credential = SoftwareAuthenticator().register(user.start(), **defects)
    assert refusal(user.complete, credential) == error
    assert user.passkeys()["Credentials"] == []


def test_malformed_credential_is_refused(user: User) -> None:
    malformed: list[Any] = [{}, {"response": {}}, {"response": {"clientDataJSON": "x"}}]
    for credential in malformed:
        assert refusal(user.complete, credential) == "InvalidParameterException"


def test_forged_token_is_refused(user: User) -> None:
    user.access_token = user.access_token[:-6] + "AAAAAA"
    for call in (user.start, user.passkeys):
        assert refusal(call) == "NotAuthorizedException"


def test_pool_without_passkeys_refuses_to_register_them(pool: TestPool) -> None:
    cognito = pool.cognito
    pool_id = cognito.create_user_pool(PoolName="plain", UsernameAttributes=["email"])["UserPool"][
        "Id"
    ]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="c", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    user = new_user(TestPool(pool.aws, cognito, pool_id, client_id))
    assert refusal(user.start) == "WebAuthnNotEnabledException"
    cognito.update_user_pool(
        UserPoolId=pool_id,
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
    )
    assert refusal(user.start) == "WebAuthnConfigurationMissingException"
    # The pages of a prefix domain are those of the local hosted UI.
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="plain")
    assert user.start()["rp"]["id"] == "localhost"
