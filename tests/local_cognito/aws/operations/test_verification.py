from __future__ import annotations

import secrets
from typing import Any

import pytest

from tests.local_cognito.aws.operations.conftest import TestPool

pytestmark = pytest.mark.ministack


def test_code_verifies_a_changed_phone_number(pool: TestPool) -> None:
    number = "+441632960000"
    email = pool.new_user(phone_number=number)
    token = pool.signs_in(email)["AccessToken"]
    delivery = pool.cognito.get_user_attribute_verification_code(
        AccessToken=token, AttributeName="phone_number"
    )["CodeDeliveryDetails"]
    assert delivery == {
        "Destination": "+*******0000",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    code = pool.code(f"sms:{number}")
    asked = {"AccessToken": token, "AttributeName": "phone_number"}
    with pytest.raises(pool.cognito.exceptions.CodeMismatchException):
        pool.cognito.verify_user_attribute(**asked, Code=f"{(int(code) + 1) % 10**6:06}")
    assert pool.attributes(email).get("phone_number_verified") != "true"
    pool.cognito.verify_user_attribute(**asked, Code=code)
    assert pool.attributes(email)["phone_number_verified"] == "true"
    with pytest.raises(pool.cognito.exceptions.ExpiredCodeException):
        pool.cognito.verify_user_attribute(**asked, Code=code)


def test_code_is_worth_nothing_after_five_incorrect_ones(pool: TestPool) -> None:
    email = pool.new_user()
    asked = {"AccessToken": pool.signs_in(email)["AccessToken"], "AttributeName": "email"}
    pool.cognito.get_user_attribute_verification_code(**asked)
    code = pool.code(email)
    for _ in range(5):
        with pytest.raises(pool.cognito.exceptions.CodeMismatchException):
            pool.cognito.verify_user_attribute(**asked, Code=f"{(int(code) + 1) % 10**6:06}")
    with pytest.raises(pool.cognito.exceptions.ExpiredCodeException):
        pool.cognito.verify_user_attribute(**asked, Code=code)


def change(pool: TestPool, token: str, **attributes: str) -> Any:
    wanted = [{"Name": name, "Value": value} for name, value in attributes.items()]
    return pool.cognito.update_user_attributes(AccessToken=token, UserAttributes=wanted)


def test_changed_address_is_unverified_until_its_code(pool: TestPool) -> None:
    email, other = pool.new_user(), f"other.{secrets.token_hex(4)}@example.com"
    token = pool.signs_in(email)["AccessToken"]
    asked = {"AccessToken": token, "AttributeName": "email"}
    pool.cognito.get_user_attribute_verification_code(**asked)
    code = pool.code(email)
    [delivery] = change(pool, token, email=other, name="Ada")["CodeDeliveryDetailsList"]
    assert delivery["Destination"] == "o***@e***"
    attributes = pool.attributes(other)
    assert (attributes["email_verified"], attributes["name"]) == ("false", "Ada")
    if code != pool.code(other):
        with pytest.raises(pool.cognito.exceptions.CodeMismatchException):
            pool.cognito.verify_user_attribute(**asked, Code=code)
    pool.cognito.verify_user_attribute(**asked, Code=pool.code(other))
    assert pool.attributes(other)["email_verified"] == "true"


def test_address_of_another_user_is_refused(pool: TestPool) -> None:
    token = pool.signs_in(pool.new_user())["AccessToken"]
    with pytest.raises(pool.cognito.exceptions.AliasExistsException):
        change(pool, token, email=pool.new_user())


def test_pool_may_keep_the_old_address_until_the_code(pool: TestPool) -> None:
    settings = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    described = pool.cognito.describe_user_pool(UserPoolId=pool.user_pool_id)["UserPool"]
    kept = {name: described[name] for name in ("Policies", "AutoVerifiedAttributes")}
    pool.cognito.update_user_pool(
        UserPoolId=pool.user_pool_id, **kept, UserAttributeUpdateSettings=settings
    )
    email, other = pool.new_user(), f"other.{secrets.token_hex(4)}@example.com"
    token = pool.signs_in(email)["AccessToken"]
    asked = {"AccessToken": token, "AttributeName": "email"}
    assert len(change(pool, token, email=other)["CodeDeliveryDetailsList"]) == 1
    assert pool.attributes(email)["email_verified"] == "true", "the old one still signs in"
    pool.cognito.get_user_attribute_verification_code(**asked)
    assert len(pool.mails(other)) == 2, "the code is sent again to the new address"
    pool.cognito.verify_user_attribute(**asked, Code=pool.code(other))
    assert pool.signs_in(other)["AccessToken"]
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.signs_in(email)
    pool.cognito.update_user_pool(
        UserPoolId=pool.user_pool_id, **kept, UserAttributeUpdateSettings={}
    )


def test_forged_token_is_refused(pool: TestPool) -> None:
    token = pool.signs_in(pool.new_user())["AccessToken"]
    forged = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.cognito.get_user_attribute_verification_code(AccessToken=forged, AttributeName="email")
