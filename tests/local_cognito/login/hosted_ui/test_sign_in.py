"""`/oauth2/authorize`, `/login` and `/logout`, as an app sees them."""

from __future__ import annotations

import pytest

from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from local_cognito.login.context import SESSION_SECONDS
from tests.local_cognito.login.conftest import BASE, CALLBACK, Browser, answer_in

pytestmark = pytest.mark.ministack

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def test_anonymous_browser_is_redirected_to_the_sign_in_page_with_its_request(
    browser: Browser,
) -> None:
    answer = browser.asks(login_hint="uma@example.com", lang="de")
    assert answer.status_code == 302
    expected = browser.url("/login", login_hint="uma@example.com", lang="de")
    assert answer.location == expected
    assert 'value="uma@example.com"' in browser.asks("/login", login_hint="uma@example.com").text


def test_sign_in_redirects_to_the_app_with_code_and_state(browser: Browser) -> None:
    answer = answer_in(browser.signs_in(" User@Example.COM "))
    assert answer.pop("code")
    assert answer == {"state": "the state"}


def test_redirect_has_no_state_if_the_request_has_none(browser: Browser) -> None:
    assert set(answer_in(browser.signs_in(state=""))) == {"code"}


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (USER.email, "not the password"),
        ("unknown@example.com", DEMO_PASSWORD),
        ("", ""),
        (USER.email, "x" * 10_000),
    ],
)
def test_incorrect_password_reveals_nothing_else(
    browser: Browser, email: str, password: str
) -> None:
    answer = browser.signs_in(email, password)
    assert answer.status_code == 400
    assert "The e-mail address or the password is incorrect." in answer.text
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
def test_browser_is_redirected_only_to_registered_addresses(
    browser: Browser, path: str, changes: dict[str, str]
) -> None:
    answer = browser.asks(path, **changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "This is not possible" in answer.text


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
def test_other_errors_are_redirected_to_the_app_with_the_state(
    browser: Browser, path: str, changes: dict[str, str], error: str
) -> None:
    assert answer_in(browser.asks(path, **changes)) == {"error": error, "state": "the state"}


def test_repeated_parameter_is_an_error(browser: Browser) -> None:
    address = browser.url("/oauth2/authorize") + "&scope=openid"
    answer = browser.client.get(address, base_url=BASE)
    assert answer_in(answer)["error"] == "invalid_request"


def test_client_without_the_code_flow_is_refused(browser: Browser) -> None:
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


def test_second_app_signs_in_silently_and_prompt_login_asks_again(browser: Browser) -> None:
    browser.signs_in()
    assert "code" in answer_in(browser.asks())
    assert "code" in answer_in(browser.asks(prompt="none"))
    assert browser.asks(prompt="login").location.startswith("/login?")
    assert 'name="username"' in browser.asks("/login", prompt="login").text


def test_session_cookie_lasts_an_hour_and_is_hidden_from_scripts_and_other_sites(
    browser: Browser,
) -> None:
    cookie = browser.signs_in().headers["Set-Cookie"]
    assert cookie.startswith("local-login-4567=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={SESSION_SECONDS}"} <= set(
        cookie.split("; ")
    )
    assert SESSION_SECONDS == 3600


def test_new_sign_in_replaces_the_previous_session(browser: Browser) -> None:
    browser.signs_in()
    before = browser.client.get_cookie("local-login-4567")
    browser.signs_in(OPERATOR.email)
    after = browser.client.get_cookie("local-login-4567")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    browser.client.set_cookie("local-login-4567", before.value)
    assert answer_in(browser.asks(prompt="none"))["error"] == "login_required"


def test_disabled_user_does_not_sign_in_silently(browser: Browser) -> None:
    user = {"UserPoolId": browser.pool.user_pool_id, "Username": USER.email}
    browser.signs_in()
    browser.aws.cognito().admin_disable_user(**user)
    try:
        assert answer_in(browser.asks(prompt="none"))["error"] == "login_required"
        assert "This account is disabled." in browser.signs_in().text
    finally:
        browser.aws.cognito().admin_enable_user(**user)
    assert browser.asks().location.startswith("/login?"), "and the session is gone for good"


def test_sign_out_ends_the_session_and_redirects_to_a_registered_address(browser: Browser) -> None:
    browser.signs_in()
    answer = browser.asks("/logout", logout_uri="http://localhost:3000/")
    assert (answer.status_code, answer.location) == (302, "http://localhost:3000/")
    assert answer_in(browser.asks(prompt="none"))["error"] == "login_required"


def test_sign_out_with_redirect_uri_redirects_to_the_sign_in_page(browser: Browser) -> None:
    browser.signs_in()
    answer = browser.asks("/logout")
    assert (answer.status_code, answer.location) == (302, browser.url("/login"))
    assert 'name="username"' in browser.asks("/login").text


@pytest.mark.parametrize(
    "changes",
    [
        {"logout_uri": "https://evil.example/"},
        {"logout_uri": "http://localhost:3000"},
        {"logout_uri": "http://localhost:3000/", "client_id": "unknown"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_sign_out_with_another_address_is_refused_and_keeps_the_session(
    browser: Browser, changes: dict[str, str]
) -> None:
    browser.signs_in()
    answer = browser.asks("/logout", **changes)
    assert answer.status_code == 400
    assert "code" in answer_in(browser.asks(prompt="none"))


def test_identity_provider_is_used_if_the_request_names_it(browser: Browser) -> None:
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


def test_pkce_is_enforced_at_the_exchange(browser: Browser) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    for wrong in ({}, {"code_verifier": "w" * 43}, {"code_verifier": "é" * 43}):
        answer = browser.exchanges(**form, code=browser.code(**pkce), **wrong)
        assert (answer.status_code, answer.json) == (400, {"error": "invalid_grant"})
    right = browser.exchanges(**form, code=browser.code(**pkce), code_verifier=VERIFIER)
    assert right.status_code == 200
