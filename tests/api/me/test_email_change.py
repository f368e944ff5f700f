"""A new address needs a code, and the answers do not reveal which accounts exist."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from cognito.testing import TokenFactory
from tests.api.me.conftest import CONFIRM_EMAIL, PROFILE
from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller
from tests.support.pool_stub import EMAIL, PoolStub, user
from tests.support.tokens import SUB

pytestmark = [pytest.mark.django_db]

NEW = "countess@example.com"


def test_old_address_remains_until_the_new_one_is_confirmed(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    token = tokens.access()

    response = call(token, PROFILE, method="PATCH", body={"email": NEW})

    assert response.status_code == 200
    changed = body_of(response)
    assert (changed["email"], changed["pending_email"]) == (EMAIL, NEW)
    assert stub.calls("UpdateUserAttributes")[0]["UserAttributes"] == [
        {"Name": "email", "Value": NEW}
    ]

    stub.tell("GetUser", user(sub=SUB, email=NEW))
    assert call(token, CONFIRM_EMAIL, method="POST", body={"code": "123456"}).status_code == 204

    (confirmation,) = stub.calls("VerifyUserAttribute")
    assert confirmation.pop("AccessToken") == token
    assert confirmation == {"AttributeName": "email", "Code": "123456"}
    assert body_of(call(token, PROFILE))["email"] == NEW
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "detail")) == [
        ("profile_change", "email"),
        ("email_change", ""),
    ]


def test_address_of_another_account_gets_the_same_answer(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    free = call(tokens.access(), PROFILE, method="PATCH", body={"email": NEW})
    stub.tell("UpdateUserAttributes", "AliasExistsException")

    taken = call(tokens.access(), PROFILE, method="PATCH", body={"email": NEW})

    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    without_id = [{**answer.headers, "X-Request-ID": ""} for answer in (free, taken)]
    assert without_id[0] == without_id[1]


def test_other_changes_are_sent_separately_from_the_address(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    call(
        tokens.access(), PROFILE, method="PATCH", body={"email": NEW, "name": "Ada", "locale": None}
    )

    changes = [call["UserAttributes"] for call in stub.calls("UpdateUserAttributes")]
    assert changes == [
        [{"Name": "name", "Value": "Ada"}, {"Name": "locale", "Value": ""}],
        [{"Name": "email", "Value": NEW}],
    ]
    assert AuditEvent.objects.get().detail == "email, locale, name"


def test_address_that_no_code_reaches_is_refused(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    stub.tell("UpdateUserAttributes", "CodeDeliveryFailureException")

    response = call(tokens.access(), PROFILE, method="PATCH", body={"email": NEW})

    assert list(assert_problem(response, 400, "validation_failed")["errors"]) == ["email"]


def test_address_that_the_pool_changes_at_once_is_not_pending(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    stub.tell("GetUser", user(sub=SUB, email=NEW))

    response = call(
        tokens.access(), PROFILE, method="PATCH", body={"email": "Countess@EXAMPLE.com"}
    )

    assert (body_of(response)["email"], body_of(response)["pending_email"]) == (NEW, None)


def test_mails_of_one_account_are_limited_to_five_an_hour(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    for victim in range(5):
        address = {"email": f"victim{victim}@example.com"}
        assert call(tokens.access(), PROFILE, method="PATCH", body=address).status_code == 200

    response = call(tokens.access(), PROFILE, method="PATCH", body={"email": NEW, "name": "Ada"})

    assert_problem(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 3600
    assert stub.operations.count("UpdateUserAttributes") == 5
    assert call(tokens.access(), PROFILE, method="PATCH", body={"name": "Ada"}).status_code == 200
    other = tokens.access(sub="grace", username="grace")
    assert call(other, PROFILE, method="PATCH", body={"email": NEW}).status_code == 200


def test_guesses_at_the_code_are_limited_to_five(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    stub.tell("VerifyUserAttribute", "CodeMismatchException")
    for code in range(5):
        response = call(
            tokens.access(), CONFIRM_EMAIL, method="POST", body={"code": f"12345{code}"}
        )
        assert_problem(response, 400, "validation_failed")
    stub.recover()

    response = call(tokens.access(), CONFIRM_EMAIL, method="POST", body={"code": "123456"})

    assert_problem(response, 429, "throttled")
    assert stub.operations.count("VerifyUserAttribute") == 5


@pytest.mark.parametrize("code", [None, "", " ", 123456, True, [], {}, "12 34", "x" * 2049])
def test_malformed_code_never_reaches_the_pool(
    call: Caller, stub: PoolStub, tokens: TokenFactory, code: object
) -> None:
    response = call(tokens.access(), CONFIRM_EMAIL, method="POST", body={"code": code})

    assert list(assert_problem(response, 400, "validation_failed")["errors"]) == ["code"]
    assert not stub.received
