"""The claims of tokens that an app gets from the hosted UI."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

import pytest
import requests
from jose import jwt

from infra.local.demo import DEMO_PASSWORD, OPERATOR
from tests.local_cognito.login.conftest import CALLBACK, Browser, answer_in, json_of

pytestmark = pytest.mark.ministack

LEVEL_1 = "urn:cognito:loa:1"


def claims_of(browser: Browser, tokens: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Verify the ID and the access token with the keys of the pool, and return their claims."""
    address = f"{browser.aws.endpoint_url}/{browser.pool.user_pool_id}/.well-known/jwks.json"
    keys = {key["kid"]: key for key in requests.get(address, timeout=10).json()["keys"]}
    verified = {}
    for name in ("id_token", "access_token"):
        key = keys[jwt.get_unverified_header(tokens[name])["kid"]]
        options = {"verify_aud": False, "verify_at_hash": False}
        verified[name] = jwt.decode(tokens[name], key, algorithms=["RS256"], options=options)
    return verified


def exchanged(browser: Browser, code: str) -> dict[str, Any]:
    answer = browser.exchanges(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert answer.status_code == 200, answer.text
    return json_of(answer)


def test_level_is_in_both_tokens_if_the_app_asks_for_it(browser: Browser) -> None:
    tokens = exchanged(browser, browser.code(acr_values=f"urn:cognito:loa:4 {LEVEL_1}"))
    for claims in claims_of(browser, tokens).values():
        assert claims["acr"] == LEVEL_1
        assert claims["amr"] == ["pwd"]
        assert claims["auth_time"] <= claims["iat"]


def test_id_token_names_its_access_token(browser: Browser) -> None:
    tokens = exchanged(browser, browser.code())
    digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    claims = claims_of(browser, tokens)
    assert claims["id_token"]["at_hash"] == expected
    assert "at_hash" not in claims["access_token"]


def test_age_alone_asks_for_the_level_too(browser: Browser) -> None:
    tokens = exchanged(browser, browser.code(max_age="300"))
    assert claims_of(browser, tokens)["id_token"]["acr"] == LEVEL_1


def test_level_is_in_no_token_if_the_app_does_not_ask(browser: Browser) -> None:
    for claims in claims_of(browser, exchanged(browser, browser.code())).values():
        assert not {"acr", "amr"} & claims.keys()


def test_silent_sign_in_and_refresh_keep_the_time_of_the_sign_in(browser: Browser) -> None:
    first = claims_of(browser, exchanged(browser, browser.code(max_age="300")))["id_token"]
    time.sleep(1.1)
    silent = exchanged(browser, answer_in(browser.asks(max_age="300"))["code"])
    refreshed = json_of(browser.refreshes(silent["refresh_token"]))
    for tokens in (silent, refreshed):
        for claims in claims_of(browser, tokens).values():
            assert claims["iat"] > claims["auth_time"] == first["auth_time"]
            assert (claims["acr"], claims["amr"]) == (LEVEL_1, ["pwd"])


def test_resource_is_the_audience_of_the_access_token_alone(browser: Browser) -> None:
    resource = "https://api.example.com/notes"
    tokens = exchanged(browser, browser.code(resource=resource))
    refreshed = json_of(browser.refreshes(tokens["refresh_token"]))
    for each in (tokens, refreshed):
        claims = claims_of(browser, each)
        assert claims["access_token"]["aud"] == resource
        assert claims["id_token"]["aud"] == browser.pool.app_client_id
    assert "aud" not in claims_of(browser, exchanged(browser, browser.code()))["access_token"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"resource": "not a URI"}, "invalid_target"),
        ({"resource": "https://api.example.com/#notes"}, "invalid_target"),
    ],
)
def test_malformed_age_or_resource_is_an_error(
    browser: Browser, changes: dict[str, str], error: str
) -> None:
    assert answer_in(browser.asks(**changes))["error"] == error


def test_session_ends_with_the_password(browser: Browser) -> None:
    browser.signs_in(OPERATOR.email)
    assert "code" in answer_in(browser.asks())
    changed = {"UserPoolId": browser.pool.user_pool_id, "Username": OPERATOR.email}
    cognito = browser.aws.cognito()
    cognito.admin_set_user_password(**changed, Password="Another-password-1", Permanent=True)
    try:
        assert browser.asks().location.startswith("/login?")
    finally:
        cognito.admin_set_user_password(**changed, Password=DEMO_PASSWORD, Permanent=True)


def test_session_expires_after_an_hour(browser: Browser) -> None:
    browser.signs_in(OPERATOR.email)
    browser.later(3601)
    assert browser.asks().location.startswith("/login?")
