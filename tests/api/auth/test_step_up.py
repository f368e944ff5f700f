"""Sign-ins that must reach a level of authentication."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pytest_django import Settings

from infra.users import ensure_user
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, body_of
from tests.support.application import Stack
from tests.support.pool_stub import EMAIL, PoolStub
from tests.support.totp import code_of

pytestmark = pytest.mark.django_db

TWO_FACTORS = "urn:cognito:loa:4"
TOTP = "/api/v1/me/mfa/totp"
TOKEN = "eyJ.eyJ.A"


@pytest.mark.ministack
def test_user_reaches_a_level_with_the_missing_factor(
    pool: Stack, api: Api, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_ACR = (TWO_FACTORS,)
    email = f"{uuid.uuid4()}@example.com"
    cognito = pool.aws.cognito()
    ensure_user(
        cognito, user_pool_id=pool.pool.user_pool_id, email=email, password=PASSWORD, groups=[]
    )
    assert_problem(
        api.send("sign-in", email=email, acr_values=TWO_FACTORS), 401, "invalid_credentials"
    )
    token = body_of(api.send("sign-in", email=email))["access_token"]
    secret = body_of(api.call(token, TOTP, method="POST"))["secret"]
    api.call(token, TOTP, method="PUT", body={"code": code_of(secret)})
    refused = api.call(token, TOTP, method="DELETE")
    assert_problem(refused, 401, "insufficient_user_authentication")
    assert f'acr_values="{TWO_FACTORS}"' in refused["WWW-Authenticate"]

    body = {"email": email, "acr_values": TWO_FACTORS, "access_token": token}
    for begun in (api("sign-in", body), api.send("sign-in", email=email, acr_values=TWO_FACTORS)):
        challenge = body_of(begun)
        assert challenge["challenge"] == "SOFTWARE_TOKEN_MFA", challenge
        answered = api(
            "challenge",
            {
                "challenge": challenge["challenge"],
                "session": challenge["session"],
                "email": email,
                "answers": {"code": code_of(secret)},
            },
        )
        assert answered.status_code == 200, answered.content
    strong = body_of(answered)["access_token"]
    assert api.call(strong, TOTP, method="DELETE").status_code == 204


def test_sign_in_without_a_level_is_as_before(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", stub.tokens())
    assert api.send("sign-in").status_code == 200
    (sent,) = stub.calls("InitiateAuth")
    assert sent["AuthFlow"] == "USER_PASSWORD_AUTH"
    assert sent["AuthParameters"].keys() - {"SECRET_HASH"} == {"USERNAME", "PASSWORD"}


@pytest.mark.parametrize(
    ("changes", "parameters"),
    [
        ({}, {"PASSWORD": PASSWORD, "PREFERRED_CHALLENGE": "PASSWORD"}),
        ({"access_token": TOKEN, "password": None}, {"ACCESS_TOKEN": TOKEN}),
        (
            {"access_token": TOKEN},
            {"ACCESS_TOKEN": TOKEN, "PASSWORD": PASSWORD, "PREFERRED_CHALLENGE": "PASSWORD"},
        ),
    ],
)
def test_pool_is_asked_for_the_level(
    api: Api, stub: PoolStub, changes: dict[str, Any], parameters: dict[str, str]
) -> None:
    stub.answer("InitiateAuth", stub.tokens())
    body = {"email": EMAIL, "password": PASSWORD, "acr_values": TWO_FACTORS} | changes
    kept = {name: value for name, value in body.items() if value is not None}
    assert api("sign-in", kept).status_code == 200
    (sent,) = stub.calls("InitiateAuth")
    assert sent["AuthFlow"] == "USER_AUTH"
    assert {name: sent["AuthParameters"][name] for name in parameters} == parameters
    assert sent["AuthParameters"]["TARGET_ACR_VALUES"] == TWO_FACTORS
    assert ("PASSWORD" in sent["AuthParameters"]) == ("password" in kept)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"acr_values": ""}, "acr_values"),
        ({"acr_values": "a b c d"}, "acr_values"),
        ({"acr_values": 'a"b'}, "acr_values"),
        ({"acr_values": ["a"]}, "acr_values"),
        ({"acr_values": "x" * 300}, "acr_values"),
        ({"acr_values": "a", "access_token": ""}, "access_token"),
        ({"acr_values": "a", "access_token": "a b"}, "access_token"),
        ({"acr_values": "a", "access_token": 5}, "access_token"),
        ({"acr_values": "a", "access_token": "x" * 20_000}, "access_token"),
    ],
)
def test_malformed_demand_is_refused_before_the_pool_is_asked(
    api: Api, stub: PoolStub, changes: dict[str, Any], field: str
) -> None:
    problem = assert_problem(api.send("sign-in", **changes), 400, "validation_failed")
    assert field in problem["errors"]
    assert stub.calls("InitiateAuth") == []


def test_password_is_required_without_a_token(api: Api, stub: PoolStub) -> None:
    problem = assert_problem(
        api("sign-in", {"email": EMAIL, "acr_values": TWO_FACTORS}), 400, "validation_failed"
    )
    assert list(problem["errors"]) == ["password"]
    problem = assert_problem(
        api("sign-in", {"email": EMAIL, "access_token": TOKEN}), 400, "validation_failed"
    )
    assert list(problem["errors"]) == ["password"]


@pytest.mark.parametrize("exception", ["NotAuthorizedException", "InvalidParameterException"])
def test_refusal_does_not_reveal_the_factors_of_an_account(
    api: Api, stub: PoolStub, exception: str
) -> None:
    stub.refuse("InitiateAuth", exception)
    response = api.send("sign-in", acr_values=TWO_FACTORS)
    assert_problem(response, 401, "invalid_credentials")
