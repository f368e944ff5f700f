from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.http import HttpResponse

from accounts.models import AttemptCounter, AuditEvent
from infra.errors import SignInProblem
from tests.api.me.conftest import PASSWORD, Person
from tests.support.answers import assert_problem
from tests.support.caller import Caller

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]


def change(call: Caller, person: Person, old: object, new: object) -> HttpResponse:
    for secret in (old, new):
        call.secrets.append(str(secret))
    return call(
        person.token, PASSWORD, method="POST", body={"old_password": old, "new_password": new}
    )


def test_password_is_changed_with_the_old_one(call: Caller, person: Person) -> None:
    new = f"battery staple {uuid.uuid4()}"

    response = change(call, person, person.password, new)

    assert (response.status_code, response.content) == (204, b"")
    assert person.sign_in(new)
    with pytest.raises(SignInProblem):
        person.sign_in(person.password)
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.actor_sub) == (
        "password_change",
        "success",
        person.sub,
    )


@pytest.mark.parametrize(
    "new",
    [
        "  spaces all  around  ",
        "pässwörd in NFC: \u00e9 and NFD: e\u0301",
        "🐴🔋📎 correct horse",
        "x" * 256,
    ],
)
def test_password_is_stored_exactly_as_typed(call: Caller, person: Person, new: str) -> None:
    response = change(call, person, person.password, new)

    assert response.status_code == 204
    assert person.sign_in(new)


def test_wrong_old_password_changes_nothing_and_is_recorded(call: Caller, person: Person) -> None:
    response = change(call, person, f"not {person.password}", "battery staple horse")

    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {"old_password": ["This is not your password."]}
    assert person.sign_in()
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.detail) == (
        "password_change",
        "failure",
        "wrong_password",
    )


def test_password_that_the_pool_does_not_allow_is_refused(call: Caller, person: Person) -> None:
    response = change(call, person, person.password, "2short")

    problem = assert_problem(response, 400, "validation_failed")
    assert list(problem["errors"]) == ["new_password"]
    assert person.sign_in()


def test_sixth_attempt_is_refused_even_with_the_correct_password(
    call: Caller, new_person: Callable[[], Person]
) -> None:
    person, other = new_person(), new_person()
    for guess in range(5):
        response = change(call, person, f"guess number {guess}", "battery staple horse")
        assert_problem(response, 400, "validation_failed")

    # Another sign-in of the same account does not evade the limit.
    person.token = person.sign_in()
    response = change(call, person, person.password, "battery staple horse")

    assert_problem(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 900
    assert person.sign_in()
    assert change(call, other, other.password, "battery staple horse").status_code == 204
    assert not any(person.sub in counter.key for counter in AttemptCounter.objects.all())


def test_successful_change_resets_the_counter(call: Caller, person: Person) -> None:
    for _ in range(2):
        for guess in range(4):
            change(call, person, f"guess number {guess}", "battery staple horse")
        new = f"battery staple {uuid.uuid4()}"
        assert change(call, person, person.password, new).status_code == 204
        person.password = new


@pytest.mark.parametrize("field", ["old_password", "new_password"])
@pytest.mark.parametrize("value", [None, "", 12345678901234, True, ["x"], {}, "x" * 257, "n\0ul"])
def test_malformed_value_is_refused_and_does_not_count(
    call: Caller, person: Person, field: str, value: object
) -> None:
    body = {"old_password": person.password, "new_password": "battery staple horse"}

    response = call(person.token, PASSWORD, method="POST", body=body | {field: value})

    problem = assert_problem(response, 400, "validation_failed")
    assert list(problem["errors"]) == [field]
    assert not AttemptCounter.objects.exists()
    assert person.sign_in()


@pytest.mark.parametrize("field", ["old_password", "new_password"])
def test_both_passwords_are_required(call: Caller, person: Person, field: str) -> None:
    body = {"old_password": person.password, "new_password": "battery staple horse"}
    del body[field]

    response = call(person.token, PASSWORD, method="POST", body=body)

    assert list(assert_problem(response, 400, "validation_failed")["errors"]) == [field]
