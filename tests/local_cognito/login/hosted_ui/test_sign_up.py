"""`/signup` and `/confirmUser`, as Cognito answers them."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from cognito.attributes import phone_numbers
from local_cognito.login.errors import Refused
from local_cognito.login.hosted_ui.sign_up import PHONE_NUMBER, require_phone_number
from tests.local_cognito.login.conftest import Browser, answer_in

pytestmark = pytest.mark.ministack


def test_rule_for_phone_numbers_is_that_of_the_api() -> None:
    assert PHONE_NUMBER == phone_numbers.PATTERN


@pytest.mark.parametrize(
    "number", ["", "12", "+", "+0441632960000", "+44 1632", "+1234567890123456"]
)
def test_invalid_phone_number_is_refused(number: str) -> None:
    with pytest.raises(Refused) as refused:
        require_phone_number(number)

    assert refused.value.code == "InvalidParameterException"


@pytest.mark.parametrize("number", [None, "+12", "+441632960000"])
def test_valid_or_missing_phone_number_is_accepted(number: str | None) -> None:
    require_phone_number(number)


def test_confirmed_sign_up_has_a_verified_address(browser: Browser) -> None:
    email = "newcomer@example.com"
    browser.posts(browser.url("/signup"), email=email, password="a long enough password")
    answer = browser.posts(browser.url("/confirmUser"), email=email, code="123456")
    assert answer.location.startswith("/login?")
    user = browser.aws.cognito().admin_get_user(
        UserPoolId=browser.pool.user_pool_id, Username=email
    )
    assert {"Name": "email_verified", "Value": "true"} in user["UserAttributes"]


def test_sign_up_is_refused_if_only_operators_create_users(browser: Browser) -> None:
    cognito, pool_id = browser.aws.cognito(), browser.pool.user_pool_id
    before = cognito.list_users(UserPoolId=pool_id)["Users"]
    cognito.update_user_pool(
        UserPoolId=pool_id, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}
    )
    try:
        assert "Create an account" not in browser.asks("/login").text
        form = {"email": "new@example.com", "password": "a long enough password"}
        answer = browser.posts(browser.url("/signup"), **form)
        assert answer.status_code == 400
        assert "Operators invite users." in answer.text
    finally:
        cognito.update_user_pool(
            UserPoolId=pool_id, AdminCreateUserConfig={"AllowAdminCreateUserOnly": False}
        )
    assert cognito.list_users(UserPoolId=pool_id)["Users"] == before


def test_sign_up_ignores_attributes_that_the_pool_does_not_require(browser: Browser) -> None:
    form = {
        "email": "Greedy@example.com",
        "password": "a long enough password",
        "email_verified": "true",
        "name": "Greedy",
    }
    assert browser.posts(browser.url("/signup"), **form).status_code == 200
    cognito, pool_id = browser.aws.cognito(), browser.pool.user_pool_id
    user = cognito.admin_get_user(UserPoolId=pool_id, Username="greedy@example.com")
    assert {item["Name"] for item in user["UserAttributes"]} == {"sub", "email"}
    cognito.admin_delete_user(UserPoolId=pool_id, Username="greedy@example.com")


def test_confirmation_signs_in_only_the_browser_that_signed_up(browser: Browser) -> None:
    def key_after_signing_up(email: str) -> str:
        form = {"email": email, "password": "a long enough password"}
        text = browser.posts(browser.url("/signup"), **form).text
        key = re.search(r'name="newcomer" value="([^"]{43})"', text)
        assert key is not None
        return key[1]

    def confirms(email: str, key: str) -> TestResponse:
        form = {"email": email, "code": "123456", "newcomer": key}
        return browser.posts(browser.url("/confirmUser"), **form)

    first = key_after_signing_up("first@example.com")
    key_after_signing_up("second@example.com")
    assert confirms("second@example.com", first).location.startswith("/login?")
    assert confirms("first@example.com", first).location.startswith("/login?"), "a key is for once"
    third = key_after_signing_up("third@example.com")
    assert confirms("third@example.com", third).location.startswith("/passkeys/offer?")
    assert "code" in answer_in(browser.asks(prompt="none"))


def test_link_in_an_email_confirms_the_account(browser: Browser) -> None:
    form = {"email": "linked@example.com", "password": "a long enough password"}
    browser.posts(browser.url("/signup"), **form)
    link = {"client_id": browser.pool.app_client_id, "user_name": "linked@example.com"}
    wrong = browser.asks("/confirmUser", confirmation_code="000000", **link)
    assert wrong.status_code == 400
    right = browser.asks("/confirmUser", confirmation_code="123456", **link)
    assert "Your account is confirmed" in right.text
    assert "code" in answer_in(browser.signs_in("linked@example.com", form["password"]))
