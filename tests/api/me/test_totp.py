"""Set-up, use, replacement and removal of an authenticator app, each with a sign-in."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.http import HttpResponse

from accounts.models import AuditEvent
from tests.api.me.conftest import PROFILE, TOTP, Person
from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller
from tests.support.totp import code_of

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]


def begin(call: Caller, person: Person) -> str:
    """Return an unconfirmed secret."""
    response = call(person.token, TOTP, method="POST")
    assert response.status_code == 200
    secret = str(body_of(response)["secret"])
    call.secrets.append(secret)
    return secret


def confirm(call: Caller, person: Person, code: object) -> HttpResponse:
    return call(person.token, TOTP, method="PUT", body={"code": code})


def sign_in(call: Caller, person: Person) -> dict[str, Any]:
    """Return the answer to the password: tokens or a challenge."""
    body = {"email": person.email, "password": person.password}
    answer: dict[str, Any] = body_of(call(None, "/api/v1/auth/sign-in", method="POST", body=body))
    return answer


def challenge_of(call: Caller, person: Person) -> str | None:
    """Return the challenge of a sign-in, or None if the password is enough."""
    answer = sign_in(call, person)
    assert ("access_token" in answer) == ("challenge" not in answer)
    return answer.get("challenge")


def sign_in_with(call: Caller, person: Person, code: str) -> str | None:
    """Return an access token for password and code, or None if the code is refused."""
    begun = sign_in(call, person)
    body = {
        "challenge": begun["challenge"],
        "session": begun["session"],
        "email": person.email,
        "answers": {"code": code},
    }
    answer: dict[str, str] = body_of(call(None, "/api/v1/auth/challenge", method="POST", body=body))
    return answer.get("access_token")


def test_app_is_set_up_used_at_a_sign_in_and_removed(call: Caller, person: Person) -> None:
    secret = begin(call, person)
    assert challenge_of(call, person) is None, "an unconfirmed secret must not change the sign-in"
    assert body_of(call(person.token, PROFILE))["totp_enabled"] is False

    assert confirm(call, person, code_of(secret)).status_code == 204

    assert body_of(call(person.token, PROFILE))["totp_enabled"] is True
    assert challenge_of(call, person) == "SOFTWARE_TOKEN_MFA"
    assert sign_in_with(call, person, code_of(secret, steps=10)) is None
    token = sign_in_with(call, person, code_of(secret))
    assert token is not None
    assert body_of(call(token, PROFILE))["sub"] == person.sub

    assert call(token, TOTP, method="DELETE").status_code == 204

    assert challenge_of(call, person) is None
    assert body_of(call(token, PROFILE))["totp_enabled"] is False
    changes = AuditEvent.objects.filter(action__startswith="totp").order_by("pk")
    events = changes.values_list("action", "outcome", "actor_sub")
    assert list(events) == [
        ("totp_on", "success", person.sub),
        ("totp_off", "success", person.sub),
    ]


def test_all_three_forms_contain_the_same_secret(call: Caller, person: Person) -> None:
    response = call(person.token, TOTP, method="POST")

    assert response["Cache-Control"] == "no-store"
    answer = body_of(response)
    call.secrets.append(answer["secret"])
    assert answer.keys() == {"secret", "otpauth_uri", "qr_code"}
    uri = urlsplit(answer["otpauth_uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    issuer = settings.SITE_NAME
    assert unquote(uri.path) == f"/{issuer}:{person.email}"
    assert parse_qs(uri.query) == {"secret": [answer["secret"]], "issuer": [issuer]}
    media_type, _, svg = answer["qr_code"].partition(",")
    assert media_type == "data:image/svg+xml;charset=utf-8"
    assert ET.fromstring(unquote(svg)).tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"script|href|onload|style", unquote(svg))


def test_new_secret_replaces_an_unconfirmed_one(call: Caller, person: Person) -> None:
    first, second = begin(call, person), begin(call, person)
    assert first != second

    refused = confirm(call, person, code_of(first))
    problem = assert_problem(refused, 400, "validation_failed")
    assert problem["errors"] == {"code": ["This code is wrong, or too old."]}
    assert confirm(call, person, code_of(second)).status_code == 204


def test_old_app_remains_in_use_until_the_new_one_is_confirmed(
    call: Caller, person: Person
) -> None:
    first = begin(call, person)
    confirm(call, person, code_of(first))

    second = begin(call, person)
    assert sign_in_with(call, person, code_of(first)) is not None

    confirm(call, person, code_of(second))
    assert sign_in_with(call, person, code_of(first)) is None
    assert sign_in_with(call, person, code_of(second)) is not None


def test_code_before_a_secret_is_refused(call: Caller, person: Person) -> None:
    assert_problem(confirm(call, person, "123456"), 400, "validation_failed")
    assert challenge_of(call, person) is None


def test_wrong_code_does_not_enable_the_app(call: Caller, person: Person) -> None:
    secret = begin(call, person)

    assert_problem(confirm(call, person, code_of(secret, steps=10)), 400, "validation_failed")

    assert challenge_of(call, person) is None
    assert not AuditEvent.objects.filter(action__startswith="totp").exists()
    assert confirm(call, person, code_of(secret)).status_code == 204


@pytest.mark.parametrize(
    "code", [123456, "12345", "1234567", "12345a", " 123456", "123456\n", "١٢٣٤٥٦", "", None, ["1"]]
)
def test_malformed_code_never_reaches_the_pool(call: Caller, person: Person, code: object) -> None:
    problem = assert_problem(confirm(call, person, code), 400, "validation_failed")

    assert list(problem["errors"]) == ["code"]


def test_removing_an_app_twice_is_no_error(call: Caller, person: Person) -> None:
    assert call(person.token, TOTP, method="DELETE").status_code == 204
    assert call(person.token, TOTP, method="DELETE").status_code == 204


def test_new_app_can_be_set_up_after_the_old_one_was_removed(call: Caller, person: Person) -> None:
    first = begin(call, person)
    confirm(call, person, code_of(first))
    call(person.token, TOTP, method="DELETE")

    second = begin(call, person)
    confirm(call, person, code_of(second))

    assert sign_in_with(call, person, code_of(first)) is None
    assert sign_in_with(call, person, code_of(second)) is not None
