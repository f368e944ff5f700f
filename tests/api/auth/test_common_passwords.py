"""A common password is refused in every field for a new password, before Cognito is asked."""

from __future__ import annotations

import pytest

from api.auth.serializers import ChallengeAnswers
from api.me.password import PasswordChangeSerializer
from api.operators.serializers import PasswordArgumentSerializer
from cognito.attributes.common_passwords import MESSAGE
from tests.api.auth.conftest import Api
from tests.support.answers import assert_problem
from tests.support.pool_stub import EMAIL, PoolStub, challenge

COMMON = ["password1234", "123456789012"]


@pytest.mark.parametrize("password", COMMON)
@pytest.mark.parametrize(
    ("path", "field"), [("sign-up", "password"), ("reset-password", "new_password")]
)
def test_common_password_is_refused_under_its_field(
    api: Api, stub: PoolStub, *, path: str, field: str, password: str
) -> None:
    problem = assert_problem(api.send(path, **{field: password}), 400, "validation_failed")

    assert problem["errors"] == {field: [MESSAGE]}
    assert stub.received == []


@pytest.mark.django_db
def test_common_password_is_refused_for_a_challenge(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", challenge("NEW_PASSWORD_REQUIRED"))
    session = api.send("sign-in").json()["session"]  # type: ignore[attr-defined]
    body = {
        "challenge": "NEW_PASSWORD_REQUIRED",
        "session": session,
        "email": EMAIL,
        "answers": {"new_password": COMMON[0]},
    }

    problem = assert_problem(api("challenge", body), 400, "validation_failed")

    assert problem["errors"] == {"answers.new_password": [MESSAGE]}
    assert stub.calls("RespondToAuthChallenge") == []


@pytest.mark.django_db
def test_common_password_can_still_sign_in(api: Api, stub: PoolStub) -> None:
    assert api.send("sign-in", password=COMMON[0]).status_code == 200


def test_every_field_for_a_new_password_refuses_common_ones() -> None:
    for sent, name in [
        (PasswordChangeSerializer(data={"old_password": "x", "new_password": COMMON[0]}), "new_"),
        (PasswordArgumentSerializer(data={"password": COMMON[0]}), ""),  # only with console
        (ChallengeAnswers(data={"new_password": COMMON[0]}), "new_"),
    ]:
        assert not sent.is_valid()
        assert sent.errors == {f"{name}password": [MESSAGE]}
