"""`/oauth2/token`, `/oauth2/revoke`, `/oauth2/userInfo` and the discovery document."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from infra.local.demo import OPERATOR
from tests.local_cognito.login.conftest import BASE, CALLBACK, GRACE_SECONDS, Browser, json_of

pytestmark = pytest.mark.ministack


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims


def basic(client_id: str, secret: str) -> dict[str, str]:
    credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def test_code_is_exchanged_once_for_tokens_with_nonce_and_groups(browser: Browser) -> None:
    form = {"grant_type": "authorization_code", "code": browser.code(), "redirect_uri": CALLBACK}
    answer = browser.exchanges(**form)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert json_of(answer)["token_type"] == "Bearer"
    assert json_of(answer)["expires_in"] == 15 * 60
    claims = claims_of(json_of(answer)["id_token"])
    assert claims["nonce"] == "the nonce"
    assert claims["email"] == OPERATOR.email
    assert claims["cognito:groups"] == ["operators"]
    assert claims_of(json_of(answer)["access_token"])["cognito:groups"] == ["operators"]
    again = browser.exchanges(**form)
    assert (again.status_code, json_of(again)) == (400, {"error": "invalid_grant"})


def test_silent_sign_in_has_the_nonce_of_its_own_request(browser: Browser) -> None:
    browser.signs_in(OPERATOR.email)
    location = browser.asks(nonce="another nonce").location
    code = location.partition("code=")[2].partition("&")[0]
    answer = browser.exchanges(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert claims_of(json_of(answer)["id_token"])["nonce"] == "another nonce"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_request"),
        (
            {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK},
            "invalid_grant",
        ),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x.W10.x"}, "invalid_grant"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"client_secret": "a public client has none"}, "invalid_client"),
    ],
)
def test_error_answer_contains_only_the_code(
    browser: Browser, form: dict[str, str], error: str
) -> None:
    answer = browser.exchanges(**form)
    assert (answer.status_code, json_of(answer)) == (400, {"error": error})


def test_code_is_bound_to_its_client_and_redirect_uri(browser: Browser) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    web = basic(browser.pool.web_client_id, quote(browser.pool.web_client_secret, safe=""))
    stolen = browser.posts("/oauth2/token", web, code=browser.code(), **form)
    assert (stolen.status_code, json_of(stolen)) == (400, {"error": "invalid_grant"})
    form["redirect_uri"] = f"{CALLBACK}/other"
    misled = browser.exchanges(code=browser.code(), **form)
    assert (misled.status_code, json_of(misled)) == (400, {"error": "invalid_grant"})


def test_client_secret_is_accepted_in_the_header_or_in_the_form(browser: Browser) -> None:
    pool = browser.pool
    cognito = browser.aws.cognito()
    machine = cognito.describe_user_pool_client(
        UserPoolId=pool.user_pool_id, ClientId=pool.machine_client_id
    )["UserPoolClient"]
    client_id, secret = machine["ClientId"], machine["ClientSecret"]
    form = {"grant_type": "client_credentials", "scope": "api/read"}
    in_form = {"client_id": client_id, "client_secret": secret}
    for answer in (
        browser.posts("/oauth2/token", basic(client_id, secret), **form),
        browser.posts("/oauth2/token", basic(client_id, quote(secret, safe="")), **form),
        browser.posts("/oauth2/token", **form, **in_form),
    ):
        assert answer.status_code == 200, answer.text
        assert claims_of(json_of(answer)["access_token"])["scope"] == "api/read"
        assert set(json_of(answer)) == {"access_token", "token_type", "expires_in"}
    for answer in (
        browser.posts("/oauth2/token", basic(client_id, "wrong"), **form),
        browser.posts("/oauth2/token", basic(client_id, ""), **form),
        browser.posts("/oauth2/token", **form, client_id=client_id),
    ):
        assert (answer.status_code, json_of(answer)) == (400, {"error": "invalid_client"})


def test_refresh_rotates_the_refresh_token_and_keeps_the_groups(browser: Browser) -> None:
    first = browser.tokens()
    second = json_of(browser.refreshes(first["refresh_token"]))
    third = json_of(browser.refreshes(second["refresh_token"]))
    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    for tokens in (second, third):
        for name in ("access_token", "id_token"):
            claims = claims_of(tokens[name])
            assert claims["cognito:groups"] == ["operators"]
            assert claims["origin_jti"] == claims_of(first[name])["origin_jti"]
        assert claims_of(tokens["access_token"])["scope"].split() == ["openid", "email"]


def test_client_without_rotation_keeps_its_refresh_token(browser: Browser) -> None:
    created = browser.aws.cognito().create_user_pool_client(
        UserPoolId=browser.pool.user_pool_id,
        ClientName="without rotation",
        CallbackURLs=[CALLBACK],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    client_id = created["UserPoolClient"]["ClientId"]
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "client_id": client_id}
    code = browser.code(client_id=client_id)
    first = json_of(browser.posts("/oauth2/token", **form, code=code))
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    for _ in range(2):
        answer = browser.posts("/oauth2/token", client_id=client_id, **again)
        assert answer.status_code == 200
        assert "refresh_token" not in json_of(answer)


def test_refresh_can_be_repeated_within_the_grace_period(browser: Browser) -> None:
    first = browser.tokens()["refresh_token"]
    lost = json_of(browser.refreshes(first))
    browser.later(GRACE_SECONDS - 1)
    assert json_of(browser.refreshes(first))["refresh_token"] == lost["refresh_token"]


def test_reused_refresh_token_ends_the_sign_in_with_its_access_tokens(browser: Browser) -> None:
    first = browser.tokens()["refresh_token"]
    latest = json_of(browser.refreshes(first))
    browser.later(GRACE_SECONDS + 1)
    reused = browser.refreshes(first)
    assert (reused.status_code, json_of(reused)) == (400, {"error": "invalid_grant"})
    ended = browser.refreshes(latest["refresh_token"])
    assert (ended.status_code, json_of(ended)) == (400, {"error": "invalid_grant"})
    bearer = {"Authorization": f"Bearer {latest['access_token']}"}
    assert browser.client.get("/oauth2/userInfo", headers=bearer, base_url=BASE).status_code == 401


def test_refresh_token_is_refused_for_another_client(browser: Browser) -> None:
    pool = browser.pool
    original = browser.tokens()["refresh_token"]
    latest = json_of(browser.refreshes(original))["refresh_token"]
    browser.later(GRACE_SECONDS + 1)
    web = basic(pool.web_client_id, quote(pool.web_client_secret, safe=""))
    for token in (original, latest):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        answer = browser.posts("/oauth2/token", web, **form)
        assert (answer.status_code, json_of(answer)) == (400, {"error": "invalid_grant"})
        assert browser.posts("/oauth2/revoke", web, token=token).status_code == 200
    assert browser.refreshes(latest).status_code == 200, "and it has ended nothing"


def test_refresh_token_expires_at_its_exp(browser: Browser) -> None:
    token = json_of(browser.refreshes(browser.tokens()["refresh_token"]))["refresh_token"]
    browser.later(7 * 24 * 3600 + 1)
    assert json_of(browser.refreshes(token)) == {"error": "invalid_grant"}


def test_revocation_of_any_refresh_token_of_a_sign_in_ends_it(browser: Browser) -> None:
    client_id = browser.pool.app_client_id
    first = browser.tokens()["refresh_token"]
    latest = json_of(browser.refreshes(first))["refresh_token"]
    answer = browser.posts("/oauth2/revoke", token=first, client_id=client_id)
    assert (answer.status_code, answer.data) == (200, b"")
    assert json_of(browser.refreshes(latest)) == {"error": "invalid_grant"}
    again = browser.posts("/oauth2/revoke", token=latest, client_id=client_id)
    assert again.status_code == 200, "what is gone already is no error"


def test_only_refresh_tokens_can_be_revoked(browser: Browser) -> None:
    client_id = browser.pool.app_client_id
    tokens = browser.tokens()
    for name in ("access_token", "id_token"):
        answer = browser.posts("/oauth2/revoke", token=tokens[name], client_id=client_id)
        assert (answer.status_code, json_of(answer)) == (400, {"error": "unsupported_token_type"})
    nothing = browser.posts("/oauth2/revoke", client_id=client_id)
    assert (nothing.status_code, json_of(nothing)) == (400, {"error": "invalid_request"})
    unknown = browser.posts("/oauth2/revoke", token=tokens["refresh_token"], client_id="unknown")
    assert (unknown.status_code, json_of(unknown)) == (400, {"error": "invalid_client"})


def test_user_info_needs_an_access_token_with_openid(browser: Browser) -> None:
    def user_info(**headers: str) -> Any:
        return browser.client.get("/oauth2/userInfo", headers=headers, base_url=BASE)

    tokens = browser.tokens()
    good = user_info(Authorization=f"Bearer {tokens['access_token']}")
    assert json_of(good)["email"] == OPERATOR.email
    for headers in ({}, {"Authorization": f"Bearer {tokens['id_token']}"}):
        bad = user_info(**headers)
        assert bad.status_code == 401
        assert bad.headers["WWW-Authenticate"].startswith("Bearer")


def test_discovery_document_names_the_local_endpoints(browser: Browser) -> None:
    pool_id = browser.pool.user_pool_id
    for path in (
        "/.well-known/openid-configuration",
        f"/{pool_id}/.well-known/openid-configuration",
    ):
        document = json_of(browser.client.get(path, base_url=BASE))
        assert document["issuer"] == f"{BASE}/{pool_id}"
        for token in ("id_token", "access_token"):
            assert claims_of(browser.tokens()[token])["iss"] == document["issuer"]
        keys_path = document["jwks_uri"].removeprefix(BASE)
        keys = json_of(browser.client.get(keys_path, base_url=BASE))["keys"]
        kids = {key["kid"] for key in keys}
        header = browser.tokens()["id_token"].split(".")[0]
        assert json.loads(base64.urlsafe_b64decode(header + "=="))["kid"] in kids
        for name, endpoint in document.items():
            if name.endswith("_endpoint"):
                assert endpoint.startswith(f"{BASE}/")
                answer = browser.client.get(endpoint.removeprefix(BASE), base_url=BASE)
                assert answer.status_code != 404


APP_ORIGINS = ("http://localhost:3000", "http://localhost:8000")


@pytest.mark.parametrize("origin", APP_ORIGINS)
def test_pages_at_a_registered_callback_url_may_call_the_endpoints(
    browser: Browser, origin: str
) -> None:
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}
    for path in ("/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo"):
        preflight = browser.client.options(
            path, headers={**headers, "Access-Control-Request-Method": "POST"}, base_url=BASE
        )
        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == origin
        assert preflight.headers["Vary"] == "Origin"
        assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    form = {"client_id": browser.pool.app_client_id, "grant_type": "unknown"}
    refused = browser.posts("/oauth2/token", headers, **form)
    assert json_of(refused) == {"error": "unsupported_grant_type"}
    assert refused.headers["Access-Control-Allow-Origin"] == origin
    for path in (
        f"/{browser.pool.user_pool_id}/.well-known/jwks.json",
        "/.well-known/openid-configuration",
    ):
        answer = browser.client.get(path, headers=headers, base_url=BASE)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert browser.client.get("/mailbox", headers=headers, base_url=BASE).status_code == 403


def test_programs_call_the_endpoints_without_an_origin(browser: Browser) -> None:
    answer = browser.exchanges(grant_type="unknown")
    assert json_of(answer) == {"error": "unsupported_grant_type"}
    assert "Access-Control-Allow-Origin" not in answer.headers
