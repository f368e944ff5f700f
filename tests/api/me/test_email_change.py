"""A new address counts once its code came back, and tells nobody who has an account."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from tests.api.me.conftest import CONFIRM_EMAIL, PROFILE, Request
from tests.api.me.pool import EMAIL, be_honest, operations, tell, user
from tests.support.answers import assert_problem, body_of
from tests.support.pool_stub import PoolStub
from tests.support.tokens import Forge, access_claims

pytestmark = [pytest.mark.django_db]

NEW = "countess@example.com"


def test_the_old_address_stays_until_the_code_of_the_new_one_came_back(
    request_to: Request, stub: PoolStub, forge: Forge
) -> None:
    token = forge.token()

    response = request_to("PATCH", PROFILE, token, {"email": NEW})

    assert response.status_code == 200
    changed = body_of(response)
    assert (changed["email"], changed["pending_email"]) == (EMAIL, NEW)
    assert stub.calls("UpdateUserAttributes")[0]["UserAttributes"] == [
        {"Name": "email", "Value": NEW}
    ]

    tell(stub, "GetUser", user(email=NEW))
    assert request_to("POST", CONFIRM_EMAIL, token, {"code": "123456"}).status_code == 204

    (confirmation,) = stub.calls("VerifyUserAttribute")
    assert confirmation.pop("AccessToken") == token
    assert confirmation == {"AttributeName": "email", "Code": "123456"}
    assert body_of(request_to("GET", PROFILE, token))["email"] == NEW
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "detail")) == [
        ("profile_change", "email"),
        ("email_change", ""),
    ]


def test_an_address_that_is_taken_is_answered_as_any_other(
    request_to: Request, stub: PoolStub, forge: Forge
) -> None:
    free = request_to("PATCH", PROFILE, forge.token(), {"email": NEW})
    tell(stub, "UpdateUserAttributes", "AliasExistsException")

    taken = request_to("PATCH", PROFILE, forge.token(), {"email": NEW})

    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    without_id = [{**answer.headers, "X-Request-ID": ""} for answer in (free, taken)]
    assert without_id[0] == without_id[1]


def test_other_changes_hold_whatever_becomes_of_the_address(
    request_to: Request, stub: PoolStub, forge: Forge
) -> None:
    request_to("PATCH", PROFILE, forge.token(), {"email": NEW, "name": "Ada", "locale": None})

    changes = [call["UserAttributes"] for call in stub.calls("UpdateUserAttributes")]
    assert changes == [
        [{"Name": "name", "Value": "Ada"}, {"Name": "locale", "Value": ""}],
        [{"Name": "email", "Value": NEW}],
    ]
    assert AuditEvent.objects.get().detail == "email, locale, name"


def test_an_address_that_no_code_reaches_is_said_to_be_one(
    request_to: Request, stub: PoolStub, forge: Forge
) -> None:
    tell(stub, "UpdateUserAttributes", "CodeDeliveryFailureException")

    response = request_to("PATCH", PROFILE, forge.token(), {"email": NEW})

    assert list(assert_problem(response, 400, "validation_failed")["errors"]) == ["email"]


def test_an_address_that_the_pool_takes_over_at_once_is_not_pending(
    request_to: Request, stub: PoolStub, forge: Forge
) -> None:
    tell(stub, "GetUser", user(email=NEW))

    response = request_to("PATCH", PROFILE, forge.token(), {"email": "Countess@EXAMPLE.com"})

    assert (body_of(response)["email"], body_of(response)["pending_email"]) == (NEW, None)


def test_five_addresses_an_hour_get_mail_from_one_account(
    request_to: Request, stub: PoolStub, forge: Forge
) -> None:
    for victim in range(5):
        address = {"email": f"victim{victim}@example.com"}
        assert request_to("PATCH", PROFILE, forge.token(), address).status_code == 200

    response = request_to("PATCH", PROFILE, forge.token(), {"email": NEW, "name": "Ada"})

    assert_problem(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 3600
    assert operations(stub).count("UpdateUserAttributes") == 5
    assert request_to("PATCH", PROFILE, forge.token(), {"name": "Ada"}).status_code == 200
    other = forge.token(access_claims(sub="grace", username="grace"))
    assert request_to("PATCH", PROFILE, other, {"email": NEW}).status_code == 200


def test_five_codes_are_tried(request_to: Request, stub: PoolStub, forge: Forge) -> None:
    tell(stub, "VerifyUserAttribute", "CodeMismatchException")
    for code in range(5):
        response = request_to("POST", CONFIRM_EMAIL, forge.token(), {"code": f"12345{code}"})
        assert_problem(response, 400, "validation_failed")
    be_honest(stub)

    response = request_to("POST", CONFIRM_EMAIL, forge.token(), {"code": "123456"})

    assert_problem(response, 429, "throttled")
    assert operations(stub).count("VerifyUserAttribute") == 5


@pytest.mark.parametrize("code", [None, "", " ", 123456, True, [], {}, "12 34", "x" * 2049])
def test_what_is_no_code_never_reaches_the_pool(
    request_to: Request, stub: PoolStub, forge: Forge, code: object
) -> None:
    response = request_to("POST", CONFIRM_EMAIL, forge.token(), {"code": code})

    assert list(assert_problem(response, 400, "validation_failed")["errors"]) == ["code"]
    assert not stub.received
