"""Invalid bodies are refused by the name of the field, before a call to Cognito."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.auth.conftest import BODIES, PASSWORD, Api
from tests.support.answers import assert_problem, body_of
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

FIELDS = [(path, name) for path, body in BODIES.items() for name in body]
# Without a password, the sign-in is one by choice.
REQUIRED = [one for one in FIELDS if one != ("sign-in", "password")]


@pytest.fixture(autouse=True)
def nothing_reaches_cognito(stub: PoolStub) -> Any:
    yield
    assert stub.received == []


@pytest.mark.parametrize("path", BODIES)
def test_empty_object_names_each_field(api: Api, path: str) -> None:
    problem = assert_problem(api(path, {}), 400, "validation_failed")
    required = [name for of_path, name in REQUIRED if of_path == path]
    assert problem["errors"] == {name: ["This field is required."] for name in required}


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"1", b"null", b"true", b"\xff"])
def test_body_that_is_not_an_object_is_refused(api: Api, path: str, body: bytes) -> None:
    assert api(path, body).status_code == 400


@pytest.mark.parametrize(("path", "name"), REQUIRED)
def test_missing_field_is_named(api: Api, path: str, name: str) -> None:
    body = {key: value for key, value in BODIES[path].items() if key != name}
    problem = assert_problem(api(path, body), 400, "validation_failed")
    assert list(problem["errors"]) == [name]


@pytest.mark.parametrize(("path", "name"), FIELDS)
@pytest.mark.parametrize("value", [5, 1.5, True, False, None, [], ["x"], "", "\0"])
def test_field_of_another_type_is_named(api: Api, path: str, name: str, value: object) -> None:
    problem = assert_problem(api.send(path, **{name: value}), 400, "validation_failed")
    assert all(one.split(".")[0] == name for one in problem["errors"])


@pytest.mark.parametrize(("path", "name"), [one for one in FIELDS if one[1] != "answers"])
def test_field_with_an_object_is_named(api: Api, path: str, name: str) -> None:
    problem = assert_problem(api.send(path, **{name: {"a": 1}}), 400, "validation_failed")
    assert list(problem["errors"]) == [name]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("sign-in", "email", "a" * 120 + "@example.com"),
        ("sign-up", "email", "a" * 120 + "@example.com"),
        ("sign-in", "email", "no address"),
        ("sign-in", "password", "p" * 257),
        ("sign-up", "password", "p" * 257),
        ("sign-up", "password", "p" * 11),
        ("sign-up", "name", "n" * 256),
        ("sign-up", "name", "two\nlines"),
        ("sign-up", "phone_number", "0163296000"),
        ("sign-up", "phone_number", "+44 1632 960000"),
        ("sign-up", "phone_number", "+4416329600001234"),
        ("confirm", "code", "1" * 2049),
        ("confirm", "code", "12 34"),
        ("reset-password", "code", "1" * 2049),
        ("reset-password", "new_password", "p" * 11),
        ("refresh", "refresh_token", "a" * 10_241),
        ("sign-out", "refresh_token", "a" * 10_241),
        ("challenge", "session", "s" * 10_241),
        ("challenge", "challenge", "CUSTOM_CHALLENGE"),
    ],
)
def test_value_that_cognito_would_refuse_is_refused(
    api: Api, path: str, name: str, value: str
) -> None:
    problem = assert_problem(api.send(path, **{name: value}), 400, "validation_failed")
    assert list(problem["errors"]) == [name]
    assert PASSWORD not in str(problem)


@pytest.mark.parametrize(
    ("challenge", "needed"),
    [
        ("NEW_PASSWORD_REQUIRED", "new_password"),
        ("SOFTWARE_TOKEN_MFA", "code"),
        ("SMS_MFA", "code"),
        ("EMAIL_OTP", "code"),
        ("MFA_SETUP", "code"),
        ("SELECT_MFA_TYPE", "mfa"),
    ],
)
def test_challenge_requires_its_own_answer(api: Api, challenge: str, needed: str) -> None:
    response = api.send("challenge", challenge=challenge, answers={"name": "Ada"})
    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {f"answers.{needed}": ["This field is required."]}


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data",
        "",
    ],
)
def test_simple_request_of_another_site_is_refused(api: Api, path: str, content_type: str) -> None:
    response = api(path, BODIES[path], content_type=content_type)
    assert_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("charset", ["utf-16", "rot13", "bogus"])
def test_another_charset_is_refused(api: Api, path: str, charset: str) -> None:
    response = api(path, BODIES[path], content_type=f"application/json; charset={charset}")
    assert_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("megabytes", [3, 6])
def test_huge_body_is_refused(api: Api, path: str, megabytes: int) -> None:
    body = b'{"email": "' + b"a" * (megabytes * 1_000_000) + b'"}'
    assert_problem(api(path, body), 413, "body_too_large")


@pytest.mark.parametrize("path", BODIES)
def test_unpaired_surrogate_is_refused(api: Api, path: str) -> None:
    for name in BODIES[path]:
        body = b'{"' + name.encode() + b'": "\\ud800"}'
        assert_problem(api(path, body), 400, "parse_error")


@pytest.mark.parametrize("path", BODIES)
def test_member_given_twice_is_refused(api: Api, path: str) -> None:
    name = next(iter(BODIES[path]))
    body = f'{{"{name}": "a", "{name}": "b"}}'.encode()
    assert_problem(api(path, body), 400, "parse_error")


@pytest.mark.parametrize("path", [*BODIES, "sign-out-everywhere"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_methods_other_than_post_are_refused(api: Api, path: str, method: str) -> None:
    response = api.call(None, f"/api/v1/auth/{path}", method=method)
    assert response.status_code in {401, 405}
    assert path == "sign-out-everywhere" or response.status_code == 405


@pytest.mark.parametrize("path", BODIES)
def test_method_cannot_be_overridden(api: Api, path: str) -> None:
    response = api.call(None, f"/api/v1/auth/{path}", HTTP_X_HTTP_METHOD_OVERRIDE="POST")
    assert_problem(response, 405, "method_not_allowed")


def test_bearer_token_is_ignored(api: Api) -> None:
    response = api("sign-in", {}, HTTP_AUTHORIZATION="Bearer expired")
    assert body_of(response)["code"] == "validation_failed"
