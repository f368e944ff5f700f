"""`/oauth2/authorize`, `/login` and `/logout`, as the app sees them."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from local_cognito.login.signed_in import SECONDS
from tests.local_cognito.login.conftest import BASE, CALLBACK, Browser, answer_in

pytestmark = pytest.mark.ministack

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def test_an_anonymous_browser_gets_the_sign_in_page_with_the_request_in_its_address(
    browser: Browser,
) -> None:
    answer = browser.asks(login_hint="uma@example.com", lang="de")
    assert answer.status_code == 302
    expected = browser.url("/login", login_hint="uma@example.com", lang="de")
    assert answer.location == expected
    assert 'value="uma@example.com"' in browser.asks("/login", login_hint="uma@example.com").text


def test_a_sign_in_leads_back_with_a_code_and_the_state(browser: Browser) -> None:
    answer = answer_in(browser.signs_in(" User@Example.COM "))
    assert answer.pop("code")
    assert answer == {"state": "the state"}


def test_without_a_state_none_comes_back(browser: Browser) -> None:
    assert set(answer_in(browser.signs_in(state=""))) == {"code"}


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (USER.email, "not the password"),
        ("nobody@example.com", DEMO_PASSWORD),
        ("", ""),
        (USER.email, "x" * 10_000),
    ],
)
def test_who_has_no_right_password_learns_nothing_else(
    browser: Browser, email: str, password: str
) -> None:
    answer = browser.signs_in(email, password)
    assert answer.status_code == 400
    assert "Incorrect username or password." in answer.text
    assert "Set-Cookie" not in answer.headers
    assert not password or password not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"client_id": ""},
        {"client_id": "../x"},
        {"redirect_uri": ""},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://localhost:3000/callback?x=1"},
    ],
)
@pytest.mark.parametrize("path", ["/oauth2/authorize", "/login", "/signup", "/forgotPassword"])
def test_a_browser_is_sent_to_no_address_that_is_not_the_clients(
    browser: Browser, path: str, changes: dict[str, str]
) -> None:
    answer = browser.asks(path, **changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "This cannot be done" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "id_token"}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "openid unknown"}, "invalid_scope"),
        ({"scope": "aws.cognito.signin.user.admin"}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"prompt": "unknown"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
@pytest.mark.parametrize("path", ["/oauth2/authorize", "/login"])
def test_other_errors_go_back_to_the_app_with_the_state(
    browser: Browser, path: str, changes: dict[str, str], error: str
) -> None:
    assert answer_in(browser.asks(path, **changes)) == {"error": error, "state": "the state"}


def test_a_parameter_that_is_there_twice_is_an_error(browser: Browser) -> None:
    address = browser.url("/oauth2/authorize") + "&scope=openid"
    answer = browser.client.get(address, base_url=BASE)
    assert answer_in(answer)["error"] == "invalid_request"


def test_a_client_without_the_code_flow_is_told_so(browser: Browser) -> None:
    cognito, pool_id = browser.aws.cognito(), browser.pool.user_pool_id
    created = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="flowless",
        CallbackURLs=[CALLBACK],
        AllowedOAuthFlows=["implicit"],
        AllowedOAuthScopes=["openid"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    client_id = created["UserPoolClient"]["ClientId"]
    assert answer_in(browser.asks(client_id=client_id))["error"] == "unauthorized_client"


def test_a_second_app_signs_in_silently_and_prompt_login_asks_again(browser: Browser) -> None:
    browser.signs_in()
    assert "code" in answer_in(browser.asks())
    assert "code" in answer_in(browser.asks(prompt="none"))
    assert browser.asks(prompt="login").location.startswith("/login?")
    assert 'name="password"' in browser.asks("/login", prompt="login").text


def test_the_session_is_a_cookie_of_an_hour_that_scripts_and_other_sites_do_not_get(
    browser: Browser,
) -> None:
    cookie = browser.signs_in().headers["Set-Cookie"]
    assert cookie.startswith("local-login-4567=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={SECONDS}"} <= set(cookie.split("; "))
    assert SECONDS == 3600


def test_a_new_sign_in_has_a_new_session_and_ends_the_one_before(browser: Browser) -> None:
    browser.signs_in()
    before = browser.client.get_cookie("local-login-4567")
    browser.signs_in(OPERATOR.email)
    after = browser.client.get_cookie("local-login-4567")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    browser.client.set_cookie("local-login-4567", before.value)
    assert answer_in(browser.asks(prompt="none"))["error"] == "login_required"


def test_a_user_who_was_disabled_does_not_sign_in_silently(browser: Browser) -> None:
    user = {"UserPoolId": browser.pool.user_pool_id, "Username": USER.email}
    browser.signs_in()
    browser.aws.cognito().admin_disable_user(**user)
    try:
        assert answer_in(browser.asks(prompt="none"))["error"] == "login_required"
        assert "User is disabled." in browser.signs_in().text
    finally:
        browser.aws.cognito().admin_enable_user(**user)
    assert browser.asks().location.startswith("/login?"), "and the session is gone for good"


def test_a_sign_out_ends_the_session_and_goes_where_the_client_may(browser: Browser) -> None:
    browser.signs_in()
    answer = browser.asks("/logout", logout_uri="http://localhost:3000/")
    assert (answer.status_code, answer.location) == (302, "http://localhost:3000/")
    assert answer_in(browser.asks(prompt="none"))["error"] == "login_required"


def test_a_sign_out_with_redirect_uri_leads_to_the_sign_in_page(browser: Browser) -> None:
    browser.signs_in()
    answer = browser.asks("/logout")
    assert (answer.status_code, answer.location) == (302, browser.url("/login"))
    assert 'name="password"' in browser.asks("/login").text


@pytest.mark.parametrize(
    "changes",
    [
        {"logout_uri": "https://evil.example/"},
        {"logout_uri": "http://localhost:3000"},
        {"logout_uri": "http://localhost:3000/", "client_id": "unknown"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_a_sign_out_goes_nowhere_else_and_ends_nothing(
    browser: Browser, changes: dict[str, str]
) -> None:
    browser.signs_in()
    answer = browser.asks("/logout", **changes)
    assert answer.status_code == 400
    assert "code" in answer_in(browser.asks(prompt="none"))


def test_another_identity_provider_is_asked_for_the_user(browser: Browser) -> None:
    cognito, pool_id = browser.aws.cognito(), browser.pool.user_pool_id
    cognito.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName="Corporate",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": "us",
            "client_secret": "secret",
            "authorize_scopes": "openid",
            "oidc_issuer": "https://corporate.example",
            "authorize_url": "https://corporate.example/authorize",
            "token_url": "https://corporate.example/token",
        },
    )
    try:
        answer = browser.asks(identity_provider="Corporate")
    finally:
        cognito.delete_identity_provider(UserPoolId=pool_id, ProviderName="Corporate")
    assert answer.location.startswith("https://corporate.example/authorize?")
    assert browser.asks(identity_provider="COGNITO").location.startswith("/login?")


def test_unknown_identity_provider_is_named(browser: Browser) -> None:
    answer = browser.asks(identity_provider="Corporate")
    assert answer.status_code == 400
    assert "no such identity provider" in answer.text


def test_confirmed_sign_up_has_a_verified_address(browser: Browser) -> None:
    email = "newcomer@example.com"
    browser.posts(browser.url("/signup"), email=email, password="a long enough password")
    answer = browser.posts(browser.url("/confirmUser"), email=email, code="123456")
    assert answer.location.startswith("/login?")
    user = browser.aws.cognito().admin_get_user(
        UserPoolId=browser.pool.user_pool_id, Username=email
    )
    assert {"Name": "email_verified", "Value": "true"} in user["UserAttributes"]


def test_sign_up_is_closed_where_operators_alone_create_users(browser: Browser) -> None:
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
        assert "operators alone create users" in answer.text
    finally:
        cognito.update_user_pool(
            UserPoolId=pool_id, AdminCreateUserConfig={"AllowAdminCreateUserOnly": False}
        )
    assert cognito.list_users(UserPoolId=pool_id)["Users"] == before


def test_a_newcomer_writes_no_attribute_that_the_pool_does_not_ask_for(browser: Browser) -> None:
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


def test_confirming_lets_in_who_has_just_signed_up_and_nobody_else(browser: Browser) -> None:
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
    assert "code" in answer_in(confirms("third@example.com", third))


def test_a_link_in_a_mail_confirms(browser: Browser) -> None:
    form = {"email": "linked@example.com", "password": "a long enough password"}
    browser.posts(browser.url("/signup"), **form)
    link = {"client_id": browser.pool.app_client_id, "user_name": "linked@example.com"}
    wrong = browser.asks("/confirmUser", confirmation_code="000000", **link)
    assert wrong.status_code == 400
    right = browser.asks("/confirmUser", confirmation_code="123456", **link)
    assert "Your account is confirmed" in right.text
    assert "code" in answer_in(browser.signs_in("linked@example.com", form["password"]))


def test_pkce_is_kept_from_the_request_to_the_exchange(browser: Browser) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    for wrong in ({}, {"code_verifier": "w" * 43}, {"code_verifier": "é" * 43}):
        answer = browser.exchanges(**form, code=browser.code(**pkce), **wrong)
        assert (answer.status_code, answer.json) == (400, {"error": "invalid_grant"})
    right = browser.exchanges(**form, code=browser.code(**pkce), code_verifier=VERIFIER)
    assert right.status_code == 200
