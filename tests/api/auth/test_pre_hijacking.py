"""An attacker who signs up with the address of another user gets no access to the account."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from accounts.models import AttemptCounter, AuditEvent, BrowserSession, Revocation, User
from cognito.app_client import AppClient
from tests.api.auth.conftest import PASSWORD, Api
from tests.api.auth.test_sign_up import CODE
from tests.api.auth.test_tokens import UNCONFIRMED_FOR, me, pull_revocations
from tests.support.answers import assert_problem, assert_refused, body_of
from tests.support.application import Stack
from tests.support.pool_stub import PoolStub, user

pytestmark = pytest.mark.django_db

ATTACKERS = "the attacker's own password"
RESET_CODE = "654321"


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4()}@example.com"


def account(pool: Stack, email: str) -> dict[str, Any]:
    """Return the answer of AdminGetUser."""
    found: Any = pool.aws.cognito().admin_get_user(
        UserPoolId=pool.pool.user_pool_id, Username=email
    )
    return dict(found)


def at_cognito(pool: Stack, operation: str, email: str, **parameters: Any) -> None:
    """Call the user pool as the hosted UI and other client libraries do."""
    client = AppClient(pool.pool.web_client_id, pool.pool.web_client_secret)
    getattr(pool.aws.cognito(), operation)(
        ClientId=client.id,
        Username=email,
        SecretHash=client.secret_hash(email),
        **parameters,
    )


def sign_up_by(who: str, api: Api, pool: Stack, email: str) -> None:
    if who == "attacker at the hosted UI":
        at_cognito(
            pool,
            "sign_up",
            email,
            Password=ATTACKERS,
            UserAttributes=[{"Name": "email", "Value": email}],
        )
    elif who == "attacker asks for codes":
        assert api("resend-code", {"email": email}).status_code == 202
    else:
        password = ATTACKERS if who == "attacker" else PASSWORD
        response = api("sign-up", {"email": email, "password": password, "name": who})
        assert (response.status_code, body_of(response)) == (202, {"next_step": "confirm"})


def confirm(api: Api, email: str, **more: str) -> HttpResponse:
    return api("confirm", {"email": email, "code": CODE} | more)


def reset(api: Api, email: str, new_password: str) -> HttpResponse:
    assert api("forgot-password", {"email": email}).status_code == 202
    return api("reset-password", {"email": email, "code": RESET_CODE, "new_password": new_password})


ORDERS = [
    ["attacker", "victim"],
    ["victim", "attacker"],
    ["attacker", "victim", "attacker"],
    ["victim", "attacker", "victim"],
    ["attacker", "victim", "attacker asks for codes"],
    ["attacker at the hosted UI", "victim"],
]


@pytest.mark.ministack
@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_confirmation_by_code_leaves_no_password_of_an_attacker(
    pool: Stack, api: Api, email: str, order: list[str]
) -> None:
    for who in order:
        sign_up_by(who, api, pool, email)
    if order == ORDERS[1]:
        # The user confirms on the hosted UI's page, without this application.
        at_cognito(pool, "confirm_sign_up", email, ConfirmationCode=CODE)
    else:
        assert confirm(api, email).status_code == 204
    assert account(pool, email)["UserStatus"] == "CONFIRMED"
    assert_problem(api.send("sign-in", email=email, password=ATTACKERS), 401, "invalid_credentials")
    assert reset(api, email, PASSWORD).status_code == 204
    assert api.send("sign-in", email=email, password=PASSWORD).status_code == 200


@pytest.mark.ministack
@pytest.mark.parametrize("order", [["attacker"], *ORDERS[:2]], ids=", ".join)
def test_confirmation_with_a_password_makes_it_the_only_one(
    pool: Stack, api: Api, email: str, order: list[str]
) -> None:
    for who in order:
        sign_up_by(who, api, pool, email)
    assert confirm(api, email, password=PASSWORD).status_code == 204
    assert_problem(api.send("sign-in", email=email, password=ATTACKERS), 401, "invalid_credentials")
    tokens = body_of(api.send("sign-in", email=email, password=PASSWORD))
    assert me(tokens["access_token"]).status_code == 200


@pytest.mark.ministack
def test_repeated_sign_up_with_the_same_password_keeps_it(
    pool: Stack, api: Api, email: str
) -> None:
    sign_up_by("victim", api, pool, email)
    before = account(pool, email)
    sign_up_by("victim", api, pool, email)
    assert account(pool, email)["Username"] == before["Username"]
    assert confirm(api, email).status_code == 204
    assert api.send("sign-in", email=email, password=PASSWORD).status_code == 200


@pytest.mark.ministack
def test_password_of_a_confirmed_account_is_not_replaced_by_a_confirmation(
    pool: Stack, api: Api, email: str
) -> None:
    sign_up_by("victim", api, pool, email)
    assert confirm(api, email).status_code == 204
    assert_problem(confirm(api, email, password=ATTACKERS), 400, "validation_failed")
    assert api.send("sign-in", email=email, password=PASSWORD).status_code == 200


@pytest.mark.ministack
def test_sign_up_leaves_confirmed_and_disabled_accounts_unchanged(
    pool: Stack, api: Api, email: str
) -> None:
    disabled = f"{uuid.uuid4()}@example.com"
    for one in (email, disabled):
        sign_up_by("victim", api, pool, one)
    assert confirm(api, email).status_code == 204
    pool.aws.cognito().admin_disable_user(UserPoolId=pool.pool.user_pool_id, Username=disabled)
    before = [account(pool, one) for one in (email, disabled)]
    for one in (email, disabled):
        sign_up_by("attacker", api, pool, one)
    after = [account(pool, one) for one in (email, disabled)]
    for state in [*before, *after]:
        state.pop("ResponseMetadata")
    assert before == after


STATES = {
    "unknown": ["AdminGetUser", "SignUp", *["AdminGetUser"] * 3],
    "CONFIRMED": ["AdminGetUser", "SignUp", *["AdminGetUser"] * 3],
    "UNCONFIRMED": ["AdminGetUser", "SignUp", "AdminGetUser", "AdminDeleteUser", "SignUp"],
}


@pytest.mark.parametrize("state", STATES)
def test_every_sign_up_makes_the_same_number_of_calls(api: Api, stub: PoolStub, state: str) -> None:
    if state == "unknown":
        stub.refuse("AdminGetUser", "UserNotFoundException")
    else:
        stub.answer("AdminGetUser", user(state, sub="x"))
        stub.refuse_once("SignUp", "UsernameExistsException")
    assert api.send("sign-up").status_code == 202
    assert [one.operation for one in stub.received] == STATES[state]
    assert [one["Password"] == PASSWORD for one in stub.calls("SignUp")] == [
        True,
        *[False] * (len(stub.calls("SignUp")) - 1),
    ]


def test_account_of_a_simultaneous_sign_up_is_replaced(api: Api, stub: PoolStub) -> None:
    """Of two simultaneous sign-ups, neither sees the account of the other at first."""
    stub.refuse_once("AdminGetUser", "UserNotFoundException")
    stub.answer("AdminGetUser", user("UNCONFIRMED", sub="x"))
    # The second refusal stands for a sign-up of the attacker right after the deletion.
    for _ in range(2):
        stub.refuse_once("SignUp", "UsernameExistsException")
    assert api.send("sign-up").status_code == 202
    assert len(stub.calls("AdminDeleteUser")) == 2
    assert stub.calls("SignUp")[-1]["Password"] != PASSWORD


def test_sign_up_fails_if_an_attacker_signs_up_again_each_time(api: Api, stub: PoolStub) -> None:
    stub.answer("AdminGetUser", user("UNCONFIRMED", sub="x"))
    stub.refuse("SignUp", "UsernameExistsException")
    assert_problem(api.send("sign-up"), 503, "cognito_unavailable")


@pytest.mark.parametrize("path", ["sign-up", "reset-password"])
def test_nothing_changes_while_the_account_cannot_be_looked_up(
    api: Api, stub: PoolStub, path: str
) -> None:
    stub.misbehave("AdminGetUser", "status:500")
    assert_problem(api.send(path), 503, "cognito_unavailable")
    assert {one.operation for one in stub.received} == {"AdminGetUser"}


def test_stored_sign_up_does_not_reveal_its_password(api: Api, stub: PoolStub) -> None:
    stub.refuse("AdminGetUser", "UserNotFoundException")
    assert api.send("sign-up").status_code == 202
    assert all(
        len(one.key) == 64 and PASSWORD not in one.key for one in AttemptCounter.objects.all()
    )


@pytest.mark.ministack
def test_reset_ends_every_earlier_sign_in(pool: Stack, api: Api, email: str) -> None:
    # The victim confirms an account for which only the attacker has signed up.
    sign_up_by("attacker", api, pool, email)
    assert confirm(api, email).status_code == 204
    stolen = body_of(api.send("sign-in", email=email, password=ATTACKERS))
    sub = me(stolen["access_token"]).json()["sub"]
    now = timezone.now()
    BrowserSession.objects.create(
        user=User.objects.create(issuer=pool.pool.issuer, sub=sub),
        signed_in_at=now,
        last_seen_at=now,
        renewed_at=now,
    )
    assert reset(api, email, PASSWORD).status_code == 204
    assert not BrowserSession.objects.exists()
    pull_revocations()
    assert_refused(me(stolen["access_token"]), "token_revoked")
    body = {"refresh_token": stolen["refresh_token"]}
    assert_problem(api("refresh", body), 401, "invalid_refresh_token")
    # Without a wait, a sign-in in the same second would count as an earlier one.
    fresh = body_of(api.send("sign-in", email=email, password=PASSWORD))
    assert me(fresh["access_token"]).status_code == 200
    assert AuditEvent.objects.filter(action="password_reset", outcome="success").count() == 1


@pytest.mark.parametrize("fault", ["status:500", "reset"])
def test_reset_refuses_earlier_sign_ins_here_if_cognito_cannot_end_them(
    api: Api, stub: PoolStub, fault: str
) -> None:
    stub.misbehave("AdminUserGlobalSignOut", fault)
    assert api.send("reset-password").status_code == 204
    row = Revocation.objects.get(sub=stub.factory.sub)
    assert row.expires_at - row.signed_in_until == UNCONFIRMED_FOR


def test_confirmation_whose_password_was_not_set_is_logged_and_can_be_reset(
    api: Api, stub: PoolStub, caplog: pytest.LogCaptureFixture
) -> None:
    stub.answer("AdminGetUser", user("UNCONFIRMED", sub="x"))
    stub.misbehave("AdminSetUserPassword", "status:500")
    assert_problem(api.send("confirm", password=PASSWORD), 503, "cognito_unavailable")
    assert [one for one in caplog.records if "can be reset" in one.getMessage()]


def test_confirmation_names_a_password_that_the_pool_refuses(api: Api, stub: PoolStub) -> None:
    stub.refuse("AdminSetUserPassword", "InvalidPasswordException")
    problem = assert_problem(api.send("confirm", password=PASSWORD), 400, "validation_failed")
    assert list(problem["errors"]) == ["password"]
