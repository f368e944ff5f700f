"""Sign in with a passkey by `USER_AUTH`, through boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.local_cognito.aws.operations.conftest import TestPool
from tests.local_cognito.aws.operations.test_user_auth import claims_of
from tests.support.first_factors import first_factors
from tests.support.software_authenticator import SoftwareAuthenticator, tampered

pytestmark = pytest.mark.ministack

WITHOUT_PASSKEY = ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"]
WITH_PASSKEY = [*WITHOUT_PASSKEY, "WEB_AUTHN"]


@pytest.fixture(scope="module")
def passkey_pool(pool: TestPool) -> Iterator[TestPool]:
    configure(pool)
    with first_factors(pool.cognito, pool.user_pool_id):
        yield pool


def configure(pool: TestPool, **changes: Any) -> None:
    settings: Any = {"RelyingPartyId": "localhost", **changes}
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.user_pool_id, WebAuthnConfiguration=settings
    )


@dataclass
class User:
    email: str
    authenticator: SoftwareAuthenticator


def register(pool: TestPool, email: str) -> SoftwareAuthenticator:
    token = pool.signs_in(email)["AccessToken"]
    started: Any = pool.cognito.start_web_authn_registration(AccessToken=token)
    authenticator = SoftwareAuthenticator()
    pool.cognito.complete_web_authn_registration(
        AccessToken=token,
        Credential=authenticator.register(started["CredentialCreationOptions"]),
    )
    return authenticator


@pytest.fixture
def user(passkey_pool: TestPool) -> User:
    email = passkey_pool.new_user()
    return User(email, register(passkey_pool, email))


def options_of(asked: Any) -> Any:
    assert asked["ChallengeName"] == "WEB_AUTHN"
    return json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])


def sign(asked: Any, authenticator: SoftwareAuthenticator) -> str:
    return json.dumps(authenticator.sign_in(options_of(asked)))


def test_preferred_passkey_signs_in(passkey_pool: TestPool, user: User) -> None:
    asked = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert asked["AvailableChallenges"] == WITH_PASSKEY
    assert options_of(asked).keys() == {
        "challenge",
        "timeout",
        "rpId",
        "allowCredentials",
        "userVerification",
    }
    credential = sign(asked, user.authenticator)
    answer = passkey_pool.answers(asked, user.email, CREDENTIAL=credential)
    assert claims_of(answer)["sub"] == passkey_pool.attributes(user.email)["sub"]
    with pytest.raises(passkey_pool.cognito.exceptions.NotAuthorizedException):
        passkey_pool.answers(asked, user.email, CREDENTIAL=credential)


def test_chosen_passkey_proves_the_third_level(passkey_pool: TestPool, user: User) -> None:
    asked = passkey_pool.begins(user.email, MAX_AGE="300")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    asked = passkey_pool.answers(asked, user.email, ANSWER="WEB_AUTHN")
    answer = passkey_pool.answers(asked, user.email, CREDENTIAL=sign(asked, user.authenticator))
    claims = claims_of(answer, "IdToken")
    assert (claims["acr"], claims["amr"]) == ("urn:cognito:loa:3", ["swk"])


def test_response_to_an_earlier_challenge_is_refused(passkey_pool: TestPool, user: User) -> None:
    earlier = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
    later = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
    credential = sign(earlier, user.authenticator)
    with pytest.raises(passkey_pool.cognito.exceptions.NotAuthorizedException):
        passkey_pool.answers(later, user.email, CREDENTIAL=credential)
    assert claims_of(passkey_pool.answers(earlier, user.email, CREDENTIAL=credential))


def test_expired_challenge_is_refused(passkey_pool: TestPool, user: User) -> None:
    asked = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
    credential = sign(asked, user.authenticator)
    with (
        passkey_pool.later(181),
        pytest.raises(passkey_pool.cognito.exceptions.NotAuthorizedException),
    ):
        passkey_pool.answers(asked, user.email, CREDENTIAL=credential)


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "x", "[" * 5000])
def test_malformed_credential_is_refused(
    passkey_pool: TestPool, user: User, credential: str
) -> None:
    asked = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
    with pytest.raises(
        (
            passkey_pool.cognito.exceptions.NotAuthorizedException,
            passkey_pool.cognito.exceptions.InvalidParameterException,
        )
    ):
        passkey_pool.answers(asked, user.email, CREDENTIAL=credential)


def test_refusal_tells_no_reason(passkey_pool: TestPool, user: User) -> None:
    """Another passkey, another origin, a changed signature, and a user without a passkey."""

    def refusal(email: str, change: Any) -> Any:
        asked = passkey_pool.begins(email, PREFERRED_CHALLENGE="WEB_AUTHN")
        credential = json.dumps(change(options_of(asked)))
        with pytest.raises(passkey_pool.cognito.exceptions.NotAuthorizedException) as refused:
            passkey_pool.answers(asked, email, CREDENTIAL=credential)
        return refused.value.response["Error"]

    other = SoftwareAuthenticator(user_handle=user.authenticator.user_handle)
    unknown = name_with_passkey(passkey_pool)
    refusals = [
        refusal(user.email, other.sign_in),
        refusal(
            user.email,
            lambda given: user.authenticator.sign_in(given, origin="https://evil.example"),
        ),
        refusal(user.email, lambda given: tampered(user.authenticator.sign_in(given), "signature")),
        refusal(unknown, user.authenticator.sign_in),
    ]
    assert refusals == [refusals[0]] * 4


def name_with_passkey(pool: TestPool) -> str:
    """Return an unknown name that looks like one of a user with a passkey."""
    names = (f"{number}@unknown.example" for number in range(40))
    return next(name for name in names if "WEB_AUTHN" in pool.begins(name)["AvailableChallenges"])


def test_unknown_users_look_like_users_with_and_without_a_passkey(
    passkey_pool: TestPool, user: User
) -> None:
    names = [f"{number}@unknown.example" for number in range(40)]
    challenges = [passkey_pool.begins(name)["AvailableChallenges"] for name in names]
    assert 5 < challenges.count(WITH_PASSKEY) < 35
    assert challenges.count(WITH_PASSKEY) + challenges.count(WITHOUT_PASSKEY) == 40
    assert passkey_pool.begins(passkey_pool.new_user())["AvailableChallenges"] == WITHOUT_PASSKEY

    unknown = name_with_passkey(passkey_pool)
    asked, again, known = (
        passkey_pool.begins(name, PREFERRED_CHALLENGE="WEB_AUTHN")
        for name in (unknown, unknown.upper(), user.email)
    )
    assert asked.keys() == known.keys()
    assert asked["ChallengeParameters"].keys() == known["ChallengeParameters"].keys()
    assert options_of(asked).keys() == options_of(known).keys()
    [invented], [real] = (options_of(each)["allowCredentials"] for each in (asked, known))
    assert invented.keys() == real.keys()
    assert options_of(again)["allowCredentials"] == [invented]


def test_factors_of_a_user_follow_registration_and_deletion(
    passkey_pool: TestPool, user: User
) -> None:
    token = passkey_pool.signs_in(user.email)["AccessToken"]
    cognito = passkey_pool.cognito

    def configured() -> Any:
        return cognito.get_user_auth_factors(AccessToken=token)["ConfiguredUserAuthFactors"]

    assert configured() == ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]
    asked = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
    [passkey] = cognito.list_web_authn_credentials(AccessToken=token)["Credentials"]
    cognito.delete_web_authn_credential(AccessToken=token, CredentialId=passkey["CredentialId"])
    assert configured() == ["PASSWORD", "EMAIL_OTP"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        passkey_pool.answers(asked, user.email, CREDENTIAL=sign(asked, user.authenticator))


def test_user_with_a_second_factor_cannot_choose_a_passkey(
    passkey_pool: TestPool, user: User
) -> None:
    passkey_pool.sets_up_totp(user.email)
    with passkey_pool.mfa("OPTIONAL"):
        assert passkey_pool.begins(user.email)["AvailableChallenges"] == WITHOUT_PASSKEY


def test_passkey_that_verifies_the_user_can_count_as_two_factors(
    passkey_pool: TestPool, user: User
) -> None:
    passkey_pool.sets_up_totp(user.email)
    configure(passkey_pool, FactorConfiguration="MULTI_FACTOR_WITH_USER_VERIFICATION")
    try:
        with passkey_pool.mfa("ON"):
            asked = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
            assert options_of(asked)["userVerification"] == "required"
            credential = sign(asked, user.authenticator)
            answer = passkey_pool.answers(asked, user.email, CREDENTIAL=credential)
            assert claims_of(answer)["username"]
            user.authenticator.verifies = False
            asked = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
            credential = sign(asked, user.authenticator)
            with pytest.raises(passkey_pool.cognito.exceptions.NotAuthorizedException):
                passkey_pool.answers(asked, user.email, CREDENTIAL=credential)
    finally:
        configure(passkey_pool)


def test_user_who_must_reset_the_password_cannot_use_a_passkey_instead(
    passkey_pool: TestPool, user: User
) -> None:
    passkey_pool.cognito.admin_reset_user_password(
        UserPoolId=passkey_pool.user_pool_id, Username=user.email
    )
    asked = passkey_pool.begins(user.email, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert "WEB_AUTHN" not in asked["AvailableChallenges"]
