from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests

from accounts.models import AuditEvent
from tests.api.me.conftest import CONFIRM_EMAIL, PROFILE, Person
from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]


def test_profile_has_the_attributes_of_the_pool(call: Caller, person: Person) -> None:
    response = call(person.token, PROFILE)

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert body_of(response) == {
        "sub": person.sub,
        "email": person.email,
        "email_verified": True,
        "phone_number": None,
        "phone_number_verified": False,
        "name": None,
        "locale": None,
        "zoneinfo": None,
        "totp_enabled": False,
    }
    assert not AuditEvent.objects.exists()


def test_change_leaves_omitted_members_unchanged(call: Caller, person: Person) -> None:
    every = {
        "name": "Ada Lovelace",
        "phone_number": "+441632960123",
        "locale": "en-GB",
        "zoneinfo": "Europe/London",
    }
    response = call(person.token, PROFILE, method="PATCH", body=every)
    assert response.status_code == 200
    assert body_of(response).items() >= (every | {"pending_email": None}).items()

    call(person.token, PROFILE, method="PATCH", body={"name": "Augusta Ada King"})

    profile = body_of(call(person.token, PROFILE))
    assert profile.items() >= (every | {"name": "Augusta Ada King"}).items()
    in_the_pool = person.in_the_pool()
    assert in_the_pool["name"] == "Augusta Ada King"
    assert in_the_pool["locale"] == "en-GB"


def test_null_removes_an_attribute(call: Caller, person: Person) -> None:
    call(person.token, PROFILE, method="PATCH", body={"name": "Ada", "locale": "fr"})

    response = call(person.token, PROFILE, method="PATCH", body={"name": None})

    assert response.status_code == 200
    assert (body_of(response)["name"], body_of(response)["locale"]) == (None, "fr")
    assert not person.in_the_pool()["name"]


def test_empty_change_changes_nothing(call: Caller, person: Person) -> None:
    before = person.in_the_pool()

    response = call(person.token, PROFILE, method="PATCH", body={})

    assert response.status_code == 200
    assert person.in_the_pool() == before
    assert not AuditEvent.objects.exists()


def test_audit_event_of_a_change_names_its_fields(call: Caller, person: Person) -> None:
    call(person.token, PROFILE, method="PATCH", body={"zoneinfo": "Europe/Paris", "name": "Ada"})

    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.detail) == (
        "profile_change",
        "success",
        "name, zoneinfo",
    )
    assert (event.actor_sub, event.subject_sub, event.address) == (
        person.sub,
        person.sub,
        "127.0.0.1",
    )


def test_change_does_not_affect_other_users(call: Caller, new_person: Callable[[], Person]) -> None:
    ada, grace = new_person(), new_person()
    before = grace.in_the_pool()

    call(ada.token, PROFILE, method="PATCH", body={"name": "Ada"})

    assert grace.in_the_pool() == before


@pytest.mark.parametrize(
    "member",
    [
        "email_verified",
        "phone_number_verified",
        "sub",
        "username",
        "cognito:groups",
        "groups",
        "is_staff",
        "custom:role",
        "identities",
        "UserAttributes",
        "ClientMetadata",
        "Name",
        "totp_enabled",
        "pending_email",
        "has_totp",
    ],
)
def test_unknown_member_is_refused_by_name(call: Caller, person: Person, member: str) -> None:
    before = person.in_the_pool()

    response = call(person.token, PROFILE, method="PATCH", body={"name": "Ada", member: "true"})

    problem = assert_problem(response, 400, "validation_failed")
    assert list(problem["errors"]) == [member]
    assert person.in_the_pool() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 256),
        ("name", "two\nlines"),
        ("name", "n\0ul"),
        ("name", 5),
        ("name", True),
        ("name", ["Ada"]),
        ("name", {"first": "Ada"}),
        ("email", None),
        ("email", ""),
        ("email", "no address"),
        ("email", "a@b@example.com"),
        ("email", "ada@example.com\nBcc: x@example.com"),
        ("email", "x" * 320 + "@example.com"),
        ("email", 5),
        ("phone_number", "01632960123"),
        ("phone_number", "+44 1632 960123"),
        ("phone_number", "+0441632960123"),
        ("phone_number", "+4416329601234567"),
        ("phone_number", "+٤٤١٦٣٢٩٦٠١٢٣"),
        ("phone_number", "+441632960123\n"),
        ("phone_number", 441632960123),
        ("locale", "english"),
        ("locale", "en-GB;q=1"),
        ("locale", "e"),
        ("locale", "en-" + "-".join(["latn"] * 10)),
        ("zoneinfo", "../../etc/passwd"),
        ("zoneinfo", "Europe/London "),
        ("zoneinfo", "a/b/c/d"),
        ("zoneinfo", "Europe/" + "x" * 60),
    ],
)
def test_malformed_value_is_refused_by_the_name_of_its_field(
    call: Caller, person: Person, field: str, value: object
) -> None:
    before = person.in_the_pool()

    response = call(person.token, PROFILE, method="PATCH", body={field: value})

    problem = assert_problem(response, 400, "validation_failed")
    assert list(problem["errors"]) == [field]
    assert person.in_the_pool() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Æthelstan O'Brien-Ñandú 👩‍🚀"),
        ("locale", "zh-Hant-TW"),
        ("locale", "en_US"),
        ("zoneinfo", "America/Argentina/Buenos_Aires"),
        ("zoneinfo", "Etc/GMT+12"),
        ("zoneinfo", "UTC"),
        ("phone_number", "+12"),
    ],
)
def test_unusual_valid_values_are_stored_unchanged(
    call: Caller, person: Person, field: str, value: str
) -> None:
    response = call(person.token, PROFILE, method="PATCH", body={field: value})

    assert (response.status_code, body_of(response)[field]) == (200, value)
    assert person.in_the_pool()[field] == value


def test_new_address_replaces_the_old_one_with_its_code(call: Caller, person: Person) -> None:
    new = f"new.{person.email}"
    response = call(
        person.token, PROFILE, method="PATCH", body={"email": f"New.{person.email.upper()}"}
    )
    changed = body_of(response)
    assert (changed["email"], changed["pending_email"]) == (person.email, new)

    sent = requests.get(f"{person.stack.aws.endpoint_url}/_ministack/ses/messages", timeout=10)
    [mail] = [
        mail for mails in sent.json()["messages"].values() for mail in mails if mail["To"] == [new]
    ]
    [code] = re.findall(r"\b\d{6}\b", mail["BodyText"])
    confirmed = call(person.token, CONFIRM_EMAIL, method="POST", body={"code": code})

    assert confirmed.status_code == 204
    profile = body_of(call(person.token, PROFILE))
    assert (profile["email"], profile["email_verified"]) == (new, True)


@pytest.mark.parametrize("body", [[], "x", 1, None, True])
def test_body_that_is_not_an_object_is_refused(call: Caller, person: Person, body: object) -> None:
    response = call(person.token, PROFILE, method="PATCH", body=body)

    assert response.status_code == 400
