"""Sign-in with a password: tokens, or the same refusal for every reason."""

from __future__ import annotations

import uuid
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AttemptCounter, AuditEvent
from infra.users import ensure_user
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, body_of, challenge
from tests.support.application import Stack
from tests.support.pool_stub import EMAIL, PoolStub

pytestmark = pytest.mark.django_db

REFUSALS = [
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "UserLambdaValidationException",
]


def new_user(pool: Stack) -> str:
    email = f"{uuid.uuid4()}@example.com"
    ensure_user(
        pool.aws.cognito(),
        user_pool_id=pool.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=["operators"],
    )
    return email


@pytest.mark.ministack
def test_correct_password_returns_tokens_that_the_api_accepts(pool: Stack, api: Api) -> None:
    response = api.send("sign-in", email=f" {new_user(pool).upper()} ")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    tokens = body_of(response)
    api.secrets += [tokens[name] for name in ("access_token", "id_token", "refresh_token")]
    assert tokens.keys() == {
        "access_token",
        "id_token",
        "refresh_token",
        "token_type",
        "expires_in",
    }
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    me = body_of(api.call(tokens["access_token"]))
    assert me["groups"] == ["operators"]
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.actor_sub) == ("sign_in", "success", me["sub"])
    assert event.address == "127.0.0.1"


@pytest.mark.ministack
def test_unknown_user_wrong_password_and_disabled_user_get_the_same_answer(
    pool: Stack, api: Api
) -> None:
    disabled, known = new_user(pool), new_user(pool)
    pool.aws.cognito().admin_disable_user(UserPoolId=pool.pool.user_pool_id, Username=disabled)
    answers = [
        api.send("sign-in", email=f"{uuid.uuid4()}@example.com"),
        api.send("sign-in", email=known, password="another password"),
        api.send("sign-in", email=disabled),
        api.send("sign-in", email=disabled, password="another password"),
    ]
    problems = [assert_problem(one, 401, "invalid_credentials") for one in answers]
    assert len({str(one | {"request_id": ""}) for one in problems}) == 1
    heads = [{name: one[name] for name in one.headers} | {"X-Request-ID": ""} for one in answers]
    assert all(head == heads[0] for head in heads)
    assert answers[0]["WWW-Authenticate"] == challenge()


@pytest.mark.parametrize("exception", REFUSALS)
def test_every_refusal_of_a_sign_in_is_the_same(api: Api, stub: PoolStub, exception: str) -> None:
    stub.refuse("InitiateAuth", exception)
    response = api.send("sign-in")
    assert_problem(response, 401, "invalid_credentials")
    assert response["WWW-Authenticate"] == challenge()
    assert b"secret" not in response.content
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.subject_label) == ("sign_in", "failure", EMAIL)
    assert event.actor_sub == ""


def test_parameters_of_the_pools_own_api_are_ignored(api: Api, stub: PoolStub) -> None:
    api.send(
        "sign-in",
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        ClientId="another",
        AuthParameters={"USERNAME": "x"},
        USERNAME="x",
        Email="x@example.com",
    )
    (sent,) = stub.calls("InitiateAuth")
    assert sent["AuthFlow"] == "USER_PASSWORD_AUTH"
    assert sent["AuthParameters"]["USERNAME"] == EMAIL
    assert sent.keys() == {"AuthFlow", "ClientId", "AuthParameters"}


@pytest.mark.slow
def test_answer_takes_as_long_for_unknown_users_as_for_known_ones(api: Api, stub: PoolStub) -> None:
    """The stub is equally fast for both, so that a difference comes from this application."""
    stub.misbehave("ForgotPassword", "delay:0.002")
    stub.misbehave("InitiateAuth", "delay:0.002")
    times: dict[str, list[float]] = {}

    def differ(path: str) -> bool:
        # Compare the fastest of each, because other load on the machine only adds time.
        return abs(min(times[f"{path} True"]) - min(times[f"{path} False"])) >= 0.010

    for number in range(60):
        for known in (True, False):
            AttemptCounter.objects.all().delete()
            email = EMAIL if known else f"unknown{number}@example.com"
            if known:
                stub.answer("ForgotPassword", {"CodeDeliveryDetails": {}})
            else:
                stub.refuse("ForgotPassword", "UserNotFoundException")
            stub.refuse("InitiateAuth", "NotAuthorizedException")
            for path in ("sign-in", "forgot-password"):
                begun = perf_counter()
                api.send(path, email=email)
                times.setdefault(f"{path} {known}", []).append(perf_counter() - begun)
        if number >= 7 and not (differ("sign-in") or differ("forgot-password")):
            return
    raise AssertionError(times)


def test_refused_sign_in_reads_no_user_from_the_database(api: Api, stub: PoolStub) -> None:
    """It counts the attempt and writes the audit trail, but reads nothing that depends on users."""
    stub.refuse("InitiateAuth", "NotAuthorizedException")
    with CaptureQueriesContext(connection) as queries:
        api.send("sign-in")
    assert {one["sql"].lstrip().split()[0] for one in queries} <= {"INSERT", "UPDATE", "DELETE"}
    assert not [one for one in queries if "accounts_user" in one["sql"]]


@pytest.mark.parametrize(
    "claims", [{"client_id": "another"}, {"iss": "https://evil.example"}, {"exp": 1}]
)
def test_unverifiable_tokens_are_not_returned(
    api: Api, stub: PoolStub, claims: dict[str, Any]
) -> None:
    stub.answer("InitiateAuth", stub.tokens(**claims))
    assert_problem(api.send("sign-in"), 503, "malformed_answer")


def test_sign_in_without_a_refresh_token_is_a_malformed_answer(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", stub.tokens(with_refresh_token=False))
    assert_problem(api.send("sign-in"), 503, "malformed_answer")
