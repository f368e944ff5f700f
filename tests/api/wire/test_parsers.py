"""Malformed bodies and query strings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.answers import assert_problem, body_of
from tests.support.caller import Caller

pytestmark = pytest.mark.urls("tests.api.urls")

BODIES = "/api/v1/bodies"
# 64 KB, as the OpenAPI document says.
MAX_BODY_BYTES = 65_536


def post(call: Caller, body: bytes, content_type: str = "application/json") -> Any:
    return call(path=BODIES, method="POST", data=body, content_type=content_type)


def put(call: Caller, body: dict[str, Any]) -> Any:
    data = json.dumps(body)
    return call(path=BODIES, method="PUT", data=data, content_type="application/json")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF8",
        'application/json; charset="utf-8"',
        "application/json ; profile=x",
    ],
)
def test_json_object_is_read(call: Caller, content_type: str) -> None:
    members = {"name": " Ada \U0001f600 é é ", "tags": [1, {"a": None}], "pi": 3.14}

    response = post(call, json.dumps(members).encode(), content_type)

    assert (response.status_code, body_of(response)) == (200, members)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"x"',
        b"1",
        b"null",
        b"true",
        b" ",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ["\\ud800"]}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        b'{"a": "\n"}',
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b"[" * 3000,
        b'{"a":' * 3000,
        b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}",
        b"\x00",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
    ],
)
def test_body_that_is_not_one_strict_json_object_is_a_400_problem(
    call: Caller, body: bytes
) -> None:
    assert_problem(post(call, body), 400, "parse_error")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/xml",
        "text/json",
        "application/jsonp",
        "application/json, text/plain",
        "application/json/../text/plain",
        "application/json; charset=rot13",
        "application/json; charset=bz2",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=idna",
        "application/json; charset=bogus",
        "application/json; charset=latin-1",
        "*/*",
        "é",
        "x" * 5000,
    ],
)
def test_body_of_another_type_is_a_415_problem(call: Caller, content_type: str) -> None:
    response = post(call, b'{"a": 1}', content_type)

    assert_problem(response, 415, "unsupported_media_type")


def test_body_of_the_maximum_size_is_read(call: Caller) -> None:
    body = json.dumps({"a": "x" * (MAX_BODY_BYTES - 9)}).encode()
    assert len(body) == MAX_BODY_BYTES

    assert post(call, body).status_code == 200


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 3_000_000, 6_000_000])
def test_larger_body_is_a_413_problem(call: Caller, size: int) -> None:
    body = b'{"a": "' + b"x" * (size - 9) + b'"}'

    assert_problem(post(call, body), 413, "body_too_large")


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "", "\u0661"])
def test_malformed_content_length_does_not_cause_a_500(call: Caller, length: str) -> None:
    response = call(
        path=BODIES,
        method="POST",
        data=b'{"a": 1}',
        content_type="application/json",
        CONTENT_LENGTH=length,
    )

    assert response.status_code in {200, 400}


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "bogus"])
def test_content_type_does_not_change_the_charset_of_the_query_string(
    call: Caller, charset: str
) -> None:
    path = f"{BODIES}?name=%C3%A9"

    refused = call(path=path, CONTENT_TYPE=f"application/json; charset={charset}")

    assert_problem(refused, 415, "unsupported_media_type")
    assert body_of(call(path=path)) == {"name": "é"}


@pytest.mark.parametrize("query", ["%ff", "a=%00", "%", "&&&", "a=%ed%a0%80", "=" * 5000])
def test_malformed_query_string_does_not_cause_a_500(call: Caller, query: str) -> None:
    assert call(path=f"{BODIES}?{query}").status_code == 200


def test_thousand_query_parameters_are_a_400_problem(call: Caller) -> None:
    assert_problem(call(path=f"{BODIES}?{'a=1&' * 1001}"), 400, "bad_request")


def test_refused_fields_are_named(call: Caller) -> None:
    body = {"name": "x" * 11, "address": {"city": None}, "tags": ["abc", "abcd"]}

    response = call(
        path=BODIES, method="PUT", data=json.dumps(body), content_type="application/json"
    )

    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {
        "name": ["Ensure this field has no more than 10 characters."],
        "address.city": ["This field may not be null."],
        "tags.1": ["Ensure this field has no more than 3 characters."],
    }


def test_missing_body_names_the_fields(call: Caller) -> None:
    response = call(path=BODIES, method="PUT")

    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {
        "name": ["This field is required."],
        "address": ["This field is required."],
    }


def test_error_of_the_whole_form_is_under_non_field_errors(call: Caller) -> None:
    body = {"name": "homeless", "address": {"city": "Bonn"}}

    response = call(
        path=BODIES, method="PUT", data=json.dumps(body), content_type="application/json"
    )

    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {"non_field_errors": ["This person has no address."]}
