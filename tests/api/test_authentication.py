"""Bearer tokens in requests to the API, and the answers to refused ones.

Each code has one case here. `tests/cognito/tokens` tests which tokens are refused, and why.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from cognito.testing import WITHOUT, TokenFactory
from tests.support.answers import assert_problem, assert_refused, body_of, challenge
from tests.support.caller import ME, Caller
from tests.support.tokens import SECOND_KEY, SUB, with_signature

pytestmark = pytest.mark.usefixtures("known_keys")

NOW = int(time.time())
HOUR = 3600

REFUSED: dict[str, Callable[[TokenFactory], str]] = {
    "malformed_token": lambda f: f.access().rpartition(".")[0],
    "unsupported_algorithm": lambda f: f.access(header={"alg": "none"}),
    "bad_signature": lambda f: with_signature(f.access(), bytes(256)),
    "missing_claim": lambda f: f.access(sub=WITHOUT),
    "invalid_claim": lambda f: f.access(sub=" "),
    "wrong_issuer": lambda f: f.access(iss=f"{f.issuer}/"),
    "wrong_client": lambda f: f.access(client_id="another"),
    "wrong_token_use": lambda f: f.id_token(),
    "token_expired": lambda f: f.access(exp=NOW),
    "token_not_yet_valid": lambda f: f.access(iat=NOW + HOUR, exp=NOW + 2 * HOUR),
    "lifetime_too_long": lambda f: f.access(exp=NOW + 25 * HOUR),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refused_token_is_answered_with_the_code_of_the_reason(
    call: Caller, tokens: TokenFactory, code: str
) -> None:
    assert_refused(call(REFUSED[code](tokens)), code)


def test_second_key_of_the_pool_verifies_tokens_too(call: Caller, tokens: TokenFactory) -> None:
    tokens.key = SECOND_KEY

    assert call(tokens.access()).status_code == 200


def test_name_of_any_script_is_answered_unchanged(call: Caller, tokens: TokenFactory) -> None:
    name = "Ада-\U0001f600-ﬁ"

    assert body_of(call(tokens.access(username=name)))["username"] == name


def test_refusal_of_a_token_with_too_many_groups_names_the_reason(
    call: Caller, tokens: TokenFactory
) -> None:
    groups = [f"{number:0128}" for number in range(100)]
    problem = assert_problem(
        call(tokens.access({"cognito:groups": groups})), 401, "malformed_token"
    )
    assert "too many groups" in problem["detail"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_scheme_is_accepted_in_any_case(call: Caller, tokens: TokenFactory, scheme: str) -> None:
    assert call(authorization=f"{scheme} {tokens.access()}").status_code == 200


def test_several_spaces_after_the_scheme_are_accepted(call: Caller, tokens: TokenFactory) -> None:
    assert call(authorization=f"Bearer   {tokens.access()}").status_code == 200


def test_challenge_names_no_error_without_credentials(call: Caller) -> None:
    response = call()

    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == challenge()


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer     ",
        "Bearer\t{}",
        "Bearer{}",
        "Bearer={}",
        "Bearer {} ",
        "Bearer  {} {}",
        "Bearer {},{}",
        "Bearer bad, Bearer {}",
        "Bearer {}, Bearer bad",
        "Bearer bad,{}",
        "Bearer: {}",
        "Bearer token={}",
        'Bearer "{}"',
        "Bearer <{}>",
        "Bearer Bearer {}",
        "JWT {}",
        "Token {}",
        "Basic {}",
        "Basic dXNlcjpwYXNzd29yZA==",
        "Digest username=x",
        "DPoP {}",
        "{}",
        ",",
        "Bearer \x00{}",
        "Bearer {}\x00",
        "Bearer {}\n",
        "Bearer {}\r\nX-Other: 1",
        "Bearer \xa0{}",
        "Bearer\xa0{}",
        "Bearer {}\xff",
        "B\xe9arer {}",
        "Bearer \xe2\x84\xaa{}",
        "\xef\xbb\xbfBearer {}",
    ],
)
def test_header_without_exactly_one_bearer_token_is_refused(
    call: Caller, tokens: TokenFactory, authorization: str
) -> None:
    header = authorization.replace("{}", tokens.access())

    assert_refused(call(authorization=header), "malformed_authorization")


@pytest.mark.parametrize("word", ["null", "undefined", "None", "[object", "true", "x" * 60_000])
def test_placeholder_instead_of_a_token_is_refused(call: Caller, word: str) -> None:
    response = call(word)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == challenge('error="invalid_token"')


def test_empty_header_counts_as_missing(call: Caller) -> None:
    response = call(authorization="")

    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == challenge()


@pytest.mark.parametrize("name", ["access_token", "token", "id_token", "jwt", "authorization"])
def test_token_in_the_query_a_form_or_a_cookie_is_ignored(tokens: TokenFactory, name: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies[name] = tokens.access()

    in_query = client.get(ME, {name: tokens.access()})
    in_form = client.post(ME, {name: tokens.access()})
    in_json = client.post(ME, {name: tokens.access()}, content_type="application/json")

    for response in (in_query, in_form, in_json):
        assert_problem(response, 401, "not_authenticated")  # type: ignore[arg-type] # stub's class
        assert response["WWW-Authenticate"] == challenge()


@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-User",
        "X-Remote-User",
        "Remote-User",
        "X-Forwarded-Email",
        "X-Auth-Request-User",
        "X-Amzn-Oidc-Identity",
        "X-Amzn-Oidc-Data",
        "X-Amzn-Oidc-Accesstoken",
        "X-Authorization",
        "X-Forwarded-Authorization",
        "X-Original-Authorization",
        "Proxy-Authorization",
        "X-Api-Key",
    ],
)
def test_identity_headers_of_proxies_are_ignored(
    call: Caller, tokens: TokenFactory, name: str
) -> None:
    for value in (SUB, "admin", f"Bearer {tokens.access()}"):
        forged: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": value}

        assert_problem(call(**forged), 401, "not_authenticated")


@pytest.mark.parametrize(
    "name", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Prefix"]
)
def test_headers_with_a_public_path_are_ignored(call: Caller, name: str) -> None:
    forged: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": "/healthz"}

    assert_problem(call(**forged), 401, "not_authenticated")


def test_remote_user_of_the_server_is_ignored(call: Caller) -> None:
    assert_problem(call(REMOTE_USER="admin", AUTH_TYPE="Basic"), 401, "not_authenticated")


@pytest.mark.parametrize("override", ["HEAD", "OPTIONS", "GET", "DELETE"])
def test_method_override_is_ignored(call: Caller, tokens: TokenFactory, override: str) -> None:
    response = call(tokens.access(), method="POST", HTTP_X_HTTP_METHOD_OVERRIDE=override)

    assert_problem(response, 405, "method_not_allowed")


@pytest.mark.django_db
def test_browser_session_does_not_authenticate(tokens: TokenFactory, settings: Settings) -> None:
    client = Client(raise_request_exception=False)
    user = get_user_model().objects.create(issuer=settings.COGNITO_ISSUER, sub=SUB)
    client.force_login(user)

    without_token = client.get(ME)
    with_bad_token = client.get(ME, headers={"Authorization": "Bearer bad"})
    with_good_token = client.get(ME, headers={"Authorization": f"Bearer {tokens.access()}"})

    assert_problem(without_token, 401, "not_authenticated")  # type: ignore[arg-type] # stub's class
    assert_refused(with_bad_token, "malformed_token")  # type: ignore[arg-type] # stub's class
    assert with_good_token.status_code == 200
    assert body_of(with_good_token)["sub"] == SUB  # type: ignore[arg-type] # stub's class
