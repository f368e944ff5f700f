from __future__ import annotations

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


def test_code_of_an_earlier_address_does_not_verify_a_later_one(pool: TestPool) -> None:
    email = pool.new_user()
    token = pool.signs_in(email)["AccessToken"]
    asked = {"AccessToken": token, "AttributeName": "email"}
    pool.cognito.get_user_attribute_verification_code(**asked)
    code = pool.code(email)
    pool.cognito.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "email", "Value": "other@example.com"}]
    )
    with pytest.raises(pool.cognito.exceptions.ExpiredCodeException):
        pool.cognito.verify_user_attribute(**asked, Code=code)


def test_forged_token_is_refused(pool: TestPool) -> None:
    token = pool.signs_in(pool.new_user())["AccessToken"]
    forged = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.cognito.get_user_attribute_verification_code(AccessToken=forged, AttributeName="email")
