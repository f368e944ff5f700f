"""Choice-based sign-in, as a client sees it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.local_cognito.aws.operations.conftest import PASSWORD, TestPool
from tests.support.srp import SrpClient
from tests.support.totp import code_of

pytestmark = pytest.mark.ministack

EMAIL_CHOICES = ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"]


def claims_of(answer: Any, name: str = "AccessToken") -> dict[str, Any]:
    payload = answer["AuthenticationResult"][name].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def test_user_chooses_and_signs_in_with_a_password(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.begins(email)
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == EMAIL_CHOICES
    answer = pool.answers(asked, email, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    claims = claims_of(answer)
    assert claims["sub"] == pool.attributes(email)["sub"]
    assert not {"acr", "amr"} & claims.keys(), "no level was asked for"
    user = pool.cognito.get_user(AccessToken=answer["AuthenticationResult"]["AccessToken"])
    assert user["Username"] == claims["sub"]


def test_user_signs_in_with_a_code_by_email(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.answers(pool.begins(email), email, ANSWER="EMAIL_OTP")
    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "EMAIL"
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == f"{email[0]}***@e***"
    code = pool.code(email)
    assert len(code) == 8
    with pytest.raises(pool.cognito.exceptions.CodeMismatchException):
        pool.answers(asked, email, EMAIL_OTP_CODE=other(code))
    assert claims_of(pool.answers(asked, email, EMAIL_OTP_CODE=code))["username"]


def test_user_signs_in_with_a_code_by_text_message(pool: TestPool) -> None:
    number = "+441632960111"
    email = pool.new_user(phone_number=number, phone_number_verified="true")
    asked = pool.begins(email, PREFERRED_CHALLENGE="SMS_OTP")
    assert asked["ChallengeName"] == "SMS_OTP"
    assert asked["AvailableChallenges"] == [*EMAIL_CHOICES, "SMS_OTP"]
    assert claims_of(pool.answers(asked, email, SMS_OTP_CODE=pool.code(f"sms:{number}")))


def test_preferred_password_signs_in_at_once(pool: TestPool) -> None:
    email = pool.new_user()
    answer = pool.begins(email, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert "AuthenticationResult" in answer
    asked = pool.begins(email, PREFERRED_CHALLENGE="PASSWORD")
    assert asked["ChallengeName"] == "PASSWORD"
    assert "AuthenticationResult" in pool.answers(asked, email, PASSWORD=PASSWORD)


def test_password_never_leaves_a_client_that_uses_srp(pool: TestPool) -> None:
    email = pool.new_user()
    for password in ("not the password", PASSWORD):
        client = SrpClient(pool.user_pool_id, password)
        asked = pool.answers(pool.begins(email), email, ANSWER="PASSWORD_SRP", SRP_A=client.srp_a)
        assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
        username = asked["ChallengeParameters"]["USER_ID_FOR_SRP"]
        responses = client.responses(asked["ChallengeParameters"])
        if password == PASSWORD:
            assert claims_of(pool.answers(asked, username, **responses))["username"] == username
        else:
            with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
                pool.answers(asked, username, **responses)


def test_unknown_user_gets_a_challenge_of_srp_too(pool: TestPool) -> None:
    email = "unknown00000@example.com"
    client = SrpClient(pool.user_pool_id, PASSWORD)
    asked = pool.begins(email, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=client.srp_a)
    parameters = asked["ChallengeParameters"]
    again = pool.begins(email, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=client.srp_a)
    assert again["ChallengeParameters"]["SALT"] == parameters["SALT"]
    assert email not in json.dumps(parameters)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, parameters["USER_ID_FOR_SRP"], **client.responses(parameters))


def test_preferred_challenge_that_the_user_lacks_leads_to_the_choice(pool: TestPool) -> None:
    asked = pool.begins(pool.new_user(), PREFERRED_CHALLENGE="SMS_OTP")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"


def test_user_with_one_factor_gets_its_challenge_without_a_choice(pool: TestPool) -> None:
    email = pool.new_user()
    pool.cognito.update_user_pool(
        UserPoolId=pool.user_pool_id,
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["EMAIL_OTP"]}},
    )
    try:
        asked = pool.begins(email)
        assert asked["ChallengeName"] == "EMAIL_OTP"
        assert asked["AvailableChallenges"] == ["EMAIL_OTP"]
    finally:
        pool.cognito.update_user_pool(
            UserPoolId=pool.user_pool_id,
            AutoVerifiedAttributes=["email"],
            Policies={
                "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}
            },
        )


def test_unverified_address_gets_no_code(pool: TestPool) -> None:
    asked = pool.begins(pool.new_user(email_verified="false"))
    assert asked["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP"]


def test_unknown_user_gets_the_answers_of_a_known_one(pool: TestPool) -> None:
    known, unknown = pool.new_user(), "unknown00000@example.com"

    def shape(answer: Any) -> Any:
        answer = {**answer, "Session": len(answer["Session"])}
        del answer["ResponseMetadata"]
        text = json.dumps(answer).replace(known, "EMAIL").replace(unknown, "EMAIL")
        return text.replace(f"{known[0]}***", "x***").replace(f"{unknown[0]}***", "x***")

    assert shape(pool.begins(known)) == shape(pool.begins(unknown))
    for name in ("PASSWORD", "EMAIL_OTP"):
        answers = [pool.begins(email, PREFERRED_CHALLENGE=name) for email in (known, unknown)]
        assert shape(answers[0]) == shape(answers[1])
    refusals = []
    for email in (known, unknown):
        asked = pool.begins(email)
        with pytest.raises(pool.cognito.exceptions.NotAuthorizedException) as refused:
            pool.answers(asked, email, ANSWER="PASSWORD", PASSWORD="not the password")
        refusals.append(refused.value.response["Error"])
        asked = pool.answers(asked, email, ANSWER="EMAIL_OTP")
        with pytest.raises(pool.cognito.exceptions.CodeMismatchException) as mismatch:
            pool.answers(asked, email, EMAIL_OTP_CODE="00000000")
        refusals.append(mismatch.value.response["Error"])
    assert refusals[:2] == refusals[2:]
    assert pool.mails(unknown) == []


def test_client_that_hides_nothing_says_who_is_unknown(pool: TestPool) -> None:
    client_id = pool.cognito.create_user_pool_client(
        UserPoolId=pool.user_pool_id, ClientName="open", ExplicitAuthFlows=["ALLOW_USER_AUTH"]
    )["UserPoolClient"]["ClientId"]
    with pytest.raises(pool.cognito.exceptions.UserNotFoundException):
        pool.cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": "unknown00000@example.com"},
        )


def test_client_without_the_flow_is_refused(pool: TestPool) -> None:
    client_id = pool.cognito.create_user_pool_client(
        UserPoolId=pool.user_pool_id,
        ClientName="srp",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"],
    )["UserPoolClient"]["ClientId"]
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        pool.cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": pool.new_user()},
        )


def test_session_is_valid_for_one_correct_answer(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.begins(email, PREFERRED_CHALLENGE="EMAIL_OTP")
    code = pool.code(email)
    pool.answers(asked, email, EMAIL_OTP_CODE=code)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, email, EMAIL_OTP_CODE=code)


def test_correct_code_is_refused_after_five_incorrect_ones(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.begins(email, PREFERRED_CHALLENGE="EMAIL_OTP")
    code = pool.code(email)
    for _ in range(5):
        with pytest.raises(pool.cognito.exceptions.CodeMismatchException):
            pool.answers(asked, email, EMAIL_OTP_CODE=other(code))
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, email, EMAIL_OTP_CODE=code)


def test_session_expires_with_the_setting_of_the_client(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.begins(email, PREFERRED_CHALLENGE="EMAIL_OTP")
    code = pool.code(email)
    with pool.later(181), pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, email, EMAIL_OTP_CODE=code)


def test_session_belongs_to_its_user_and_client(pool: TestPool) -> None:
    email, another_email = pool.new_user(), pool.new_user()
    asked = pool.begins(email, PREFERRED_CHALLENGE="EMAIL_OTP")
    code = pool.code(email)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, another_email, EMAIL_OTP_CODE=code)
    another = pool.cognito.create_user_pool_client(
        UserPoolId=pool.user_pool_id, ClientName="other", ExplicitAuthFlows=["ALLOW_USER_AUTH"]
    )["UserPoolClient"]["ClientId"]
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.cognito.respond_to_auth_challenge(
            ClientId=another,
            ChallengeName="EMAIL_OTP",
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": email, "EMAIL_OTP_CODE": code},
        )


def test_answer_to_another_challenge_is_refused(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.begins(email)
    for name, responses in (
        ("EMAIL_OTP", {"EMAIL_OTP_CODE": "12345678"}),
        ("SOFTWARE_TOKEN_MFA", {"SOFTWARE_TOKEN_MFA_CODE": "123456"}),
        ("MFA_SETUP", {}),
        ("NEW_PASSWORD_REQUIRED", {"NEW_PASSWORD": "Another-password-1"}),
    ):
        with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
            pool.answers({**asked, "ChallengeName": name}, email, **responses)
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        pool.answers(asked, email, ANSWER="WEB_AUTHN")


def test_second_factor_follows_the_first(pool: TestPool) -> None:
    email = pool.new_user()
    secret = pool.sets_up_totp(email)
    with pool.mfa("OPTIONAL"):
        for first in ("PASSWORD", "EMAIL_OTP"):
            asked = pool.begins(email, PREFERRED_CHALLENGE=first)
            given = (
                {"PASSWORD": PASSWORD}
                if first == "PASSWORD"
                else {"EMAIL_OTP_CODE": pool.code(email)}
            )
            asked = pool.answers(asked, email, **given)
            assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
            code = code_of(secret)
            with pytest.raises(pool.cognito.exceptions.CodeMismatchException):
                pool.answers(asked, email, SOFTWARE_TOKEN_MFA_CODE=other(code))
            assert claims_of(pool.answers(asked, email, SOFTWARE_TOKEN_MFA_CODE=code))


def test_code_by_email_is_a_second_factor(pool: TestPool) -> None:
    email = pool.new_user()
    token = pool.signs_in(email)["AccessToken"]
    pool.cognito.set_user_mfa_preference(
        AccessToken=token, EmailMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    assert pool.cognito.get_user(AccessToken=token)["UserMFASettingList"] == ["EMAIL_OTP"]
    with pool.mfa("OPTIONAL"):
        asked = pool.begins(
            email,
            PREFERRED_CHALLENGE="PASSWORD",
            PASSWORD=PASSWORD,
            TARGET_ACR_VALUES="urn:cognito:loa:3",
        )
        assert asked["ChallengeName"] == "EMAIL_OTP"
        code = pool.code(email)
        assert len(code) == 6
        claims = claims_of(pool.answers(asked, email, EMAIL_OTP_CODE=code))
        assert (claims["acr"], claims["amr"]) == (
            "urn:cognito:loa:3",
            ["pwd", "email_otp", "mfa"],
        )


def test_required_second_factor_is_set_up_at_the_first_sign_in(pool: TestPool) -> None:
    email = pool.new_user()
    with pool.mfa("ON"):
        asked = pool.begins(email, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
        assert asked["ChallengeName"] == "MFA_SETUP"
        assert json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SOFTWARE_TOKEN_MFA"]
        with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
            pool.answers(asked, email)
        begun = pool.cognito.associate_software_token(Session=asked["Session"])
        done = pool.cognito.verify_software_token(
            Session=begun["Session"], UserCode=code_of(begun["SecretCode"])
        )
        assert done["Status"] == "SUCCESS"
        answer = pool.answers({**asked, "Session": done["Session"]}, email)
        assert claims_of(answer)


def test_temporary_password_must_be_replaced_by_a_valid_one(pool: TestPool) -> None:
    email = pool.new_user()
    pool.cognito.admin_set_user_password(
        UserPoolId=pool.user_pool_id, Username=email, Password="Temporary-1!", Permanent=False
    )
    asked = pool.begins(email)
    assert asked["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP"]
    asked = pool.answers(asked, email, ANSWER="PASSWORD", PASSWORD="Temporary-1!")
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(pool.cognito.exceptions.InvalidPasswordException):
        pool.answers(asked, email, NEW_PASSWORD="short")
    assert "AuthenticationResult" in pool.answers(asked, email, NEW_PASSWORD=PASSWORD)
    assert "AccessToken" in pool.signs_in(email)


def test_disabled_user_is_refused_at_every_step(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.begins(email, PREFERRED_CHALLENGE="EMAIL_OTP")
    pool.cognito.admin_disable_user(UserPoolId=pool.user_pool_id, Username=email)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, email, EMAIL_OTP_CODE=pool.code(email))
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.begins(email)


# --- levels ---

LEVELS = {number: f"urn:cognito:loa:{number}" for number in (1, 2, 3, 4)}


def test_tokens_have_the_level_that_was_reached(pool: TestPool) -> None:
    email = pool.new_user()
    asked = pool.begins(email, TARGET_ACR_VALUES=LEVELS[2])
    assert asked["AvailableChallenges"] == ["EMAIL_OTP"]
    answer = pool.answers(asked, email, EMAIL_OTP_CODE=pool.code(email))
    for name in ("AccessToken", "IdToken"):
        claims = claims_of(answer, name)
        assert (claims["acr"], claims["amr"]) == (LEVELS[2], ["email_otp"])
    refreshed = pool.cognito.get_tokens_from_refresh_token(
        ClientId=pool.client_id, RefreshToken=answer["AuthenticationResult"]["RefreshToken"]
    )
    claims = claims_of(refreshed)
    assert (claims["acr"], claims["amr"]) == (LEVELS[2], ["email_otp"])


def test_level_that_the_user_cannot_reach_falls_back_to_the_next(pool: TestPool) -> None:
    email = pool.new_user()
    wanted = f"{LEVELS[4]} unknown {LEVELS[1]}"
    asked = pool.begins(email, TARGET_ACR_VALUES=wanted)
    assert asked["AvailableChallenges"] == EMAIL_CHOICES
    answer = pool.answers(asked, email, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    assert claims_of(answer)["acr"] == LEVELS[1]
    for unreachable in (LEVELS[4], LEVELS[3], "unknown"):
        with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
            pool.begins(email, TARGET_ACR_VALUES=unreachable)


def test_step_up_builds_on_what_an_access_token_proves(pool: TestPool) -> None:
    email = pool.new_user()
    first = pool.signs_in(email)["AccessToken"]
    secret = pool.sets_up_totp(email)
    credit = {"ACCESS_TOKEN": first, "TARGET_ACR_VALUES": LEVELS[4]}
    asked = pool.begins(email, **credit, MAX_AGE="300")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    answer = pool.answers(asked, email, SOFTWARE_TOKEN_MFA_CODE=code_of(secret))
    claims = claims_of(answer)
    assert (claims["acr"], claims["amr"]) == (LEVELS[4], ["pwd", "otp", "mfa"])
    stronger = answer["AuthenticationResult"]["AccessToken"]
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        pool.begins(email, ACCESS_TOKEN=stronger, TARGET_ACR_VALUES=LEVELS[4])
    with pool.later(301):
        asked = pool.begins(email, **credit, MAX_AGE="300")
        assert asked["ChallengeName"] == "SELECT_CHALLENGE", "it begins from scratch"
        assert asked["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP"]


def test_access_token_of_another_user_or_without_a_target_is_refused(pool: TestPool) -> None:
    email = pool.new_user()
    foreign = pool.signs_in(pool.new_user())["AccessToken"]
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.begins(email, ACCESS_TOKEN=foreign, TARGET_ACR_VALUES=LEVELS[1])
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.begins(email, ACCESS_TOKEN=f"{foreign}x", TARGET_ACR_VALUES=LEVELS[1])
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        pool.begins(email, ACCESS_TOKEN=pool.signs_in(email)["AccessToken"])


def test_factors_of_a_user_are_listed(pool: TestPool) -> None:
    email = pool.new_user()
    token = pool.signs_in(email)["AccessToken"]
    before: Any = pool.cognito.get_user_auth_factors(AccessToken=token)
    assert before["ConfiguredUserAuthFactors"] == ["PASSWORD", "EMAIL_OTP"]
    assert before["UserMFASettingList"] == []
    pool.sets_up_totp(email)
    named: Any = {"UserPoolId": pool.user_pool_id, "Username": email}
    after: Any = pool.cognito.admin_get_user_auth_factors(**named)
    assert after["ConfiguredUserAuthFactors"] == ["PASSWORD", "EMAIL_OTP", "SOFTWARE_TOKEN"]
    assert after["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"
    pool.cognito.admin_delete_software_token(**named)
    lost: Any = pool.cognito.get_user_auth_factors(AccessToken=token)
    assert lost["ConfiguredUserAuthFactors"] == before["ConfiguredUserAuthFactors"]
    assert "PreferredMfaSetting" not in lost
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        pool.cognito.admin_delete_software_token(**named)
