"""Tokens that are no compact JWS of JSON objects, and headers that ask for more than that."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cognito.testing import WITHOUT
from tests.api.conftest import Caller
from tests.support.answers import assert_problem, assert_refused
from tests.support.tokens import Forge, access_claims, encode, rs

pytestmark = pytest.mark.usefixtures("known_keys")

REFRESH_TOKEN_HEADER = {"cty": "JWT", "enc": "A256GCM", "alg": "RSA-OAEP"}


def in_parts(forge: Forge) -> tuple[str, str, str]:
    header, payload, signature = forge.token().split(".")
    return header, payload, signature


def of_parts(pattern: str) -> Callable[[Forge], str]:
    """The header `{h}`, payload `{p}` and signature `{s}` of a good token, put together anew."""
    return lambda forge: pattern.format(**dict(zip("hps", in_parts(forge), strict=True)))


def five_parts(header: dict[str, Any]) -> Callable[[Forge], str]:
    return lambda _: ".".join([encode(json.dumps(header).encode()), *["c2VjcmV0"] * 4])


def raw_header(text: bytes) -> Callable[[Forge], str]:
    return lambda forge: forge.token(header=text)


def raw_payload(text: bytes) -> Callable[[Forge], str]:
    return lambda forge: forge.token(text)


def with_member(text: str) -> bytes:
    """Good claims, as JSON, with a member written by hand at the end."""
    return f"{json.dumps(access_claims())[:-1]}, {text}}}".encode()


MALFORMED = {
    "one segment": of_parts("{h}"),
    "two segments": of_parts("{h}.{p}"),
    "four segments": of_parts("{h}.{p}.{s}.{s}"),
    "three empty segments": lambda _: "..",
    "only dots": lambda _: "." * 5000,
    "empty header": of_parts(".{p}.{s}"),
    "empty payload": of_parts("{h}..{s}"),
    "empty signature": of_parts("{h}.{p}."),
    "leading dot": of_parts(".{h}.{p}.{s}"),
    "trailing dot": of_parts("{h}.{p}.{s}."),
    "signature padded": of_parts("{h}.{p}.{s}=="),
    "signature in standard base64": of_parts("{h}.{p}.+/{s}"),
    "header not base64url": of_parts("~~~.{p}.{s}"),
    "header of an impossible length": of_parts("{h}A.{p}.{s}"),
    "a 17 KB token": lambda forge: forge.token(access_claims(more="x" * 17_000)),
    "header is an array": raw_header(b"[]"),
    "header is null": raw_header(b"null"),
    "header is text": raw_header(b'"RS256"'),
    "header is no JSON": raw_header(b"{alg:RS256}"),
    "header is a number of 5,000 digits": raw_header(b"1" * 5000),
    "header with a byte order mark": lambda forge: forge.token(
        header=b"\xef\xbb\xbf" + json.dumps(forge.header()).encode()
    ),
    "header in UTF-16": lambda forge: forge.token(
        header=json.dumps(forge.header()).encode("utf-16")
    ),
    "header nested 1,000 deep": raw_header(b'{"alg":"RS256","x":' + b"[" * 1000),
    "header closed 1,000 deep": raw_header(b'{"x":' + b"[" * 1000 + b"]" * 1000 + b"}"),
    "alg twice, none first": raw_header(b'{"alg":"none","kid":"a","alg":"RS256"}'),
    "alg twice, escaped": raw_header(b'{"\\u0061lg":"none","kid":"a","alg":"RS256"}'),
    "kid twice": raw_header(b'{"alg":"RS256","kid":"a","kid":"a"}'),
    "header with junk after it": lambda forge: forge.token(
        header=json.dumps(forge.header()).encode() + b"{}"
    ),
    "payload is text": raw_payload(b'"claims"'),
    "payload is an array": raw_payload(b"[{}]"),
    "payload is not UTF-8": raw_payload(b'{"sub": "\xff\xfe"}'),
    "payload is empty": raw_payload(b""),
    "payload is NaN": raw_payload(b"NaN"),
    "payload nested 100,000 deep": raw_payload(b"[" * 11_000),
    "claim of 4,400 digits": raw_payload(with_member('"more": ' + "9" * 4400)),
    "claim that is infinite": raw_payload(with_member('"more": Infinity')),
    "claim that overflows": raw_payload(with_member('"more": 1e999')),
    "claim with half a character": raw_payload(with_member('"more": "\\ud800"')),
    "sub twice": raw_payload(with_member('"sub": "somebody-else"')),
    "groups twice": raw_payload(
        with_member('"cognito:groups": [], "cognito:groups": ["operators"]')
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_token_is_refused(call: Caller, forge: Forge, name: str) -> None:
    assert_refused(call(MALFORMED[name](forge)), "malformed_token")


JUNK_IN_BASE64 = ["!*~$", "%2E", "+", "/", "==", "=", "%3D"]


@pytest.mark.parametrize("junk", JUNK_IN_BASE64)
@pytest.mark.parametrize("segment", [0, 1, 2])
def test_junk_inside_a_segment_is_not_skipped(
    call: Caller, forge: Forge, segment: int, junk: str
) -> None:
    parts = list(in_parts(forge))
    parts[segment] = parts[segment][:8] + junk + parts[segment][8:]

    response = call(".".join(parts))

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_padded_header_is_refused_though_it_was_signed_that_way(
    call: Caller, forge: Forge
) -> None:
    header, payload, _ = in_parts(forge)
    signing_input = f"{header}{'=' * (-len(header) % 4) or '===='}.{payload}"
    token = f"{signing_input}.{encode(rs(forge.key)(signing_input.encode()))}"

    assert call(token).status_code == 401


def test_another_spelling_of_the_last_character_is_refused(call: Caller, forge: Forge) -> None:
    header, payload, signature = in_parts(forge)
    # 256 bytes leave 4 bits of the last character unused: 15 others decode to the same bytes.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = alphabet[alphabet.index(signature[-1]) ^ 1]

    assert_refused(call(f"{header}.{payload}.{signature[:-1]}{other}"), "malformed_token")


UNSUPPORTED = {
    "JWE, dir": five_parts({"alg": "dir", "enc": "A256GCM"}),
    "JWE as Cognito's refresh tokens": five_parts(REFRESH_TOKEN_HEADER),
    "crit with an unknown extension": {"crit": ["x-unknown"], "x-unknown": 1},
    "crit is text": {"crit": "exp"},
    "crit is empty": {"crit": []},
    "crit is null": {"crit": None},
    "b64 false": {"b64": False, "crit": ["b64"]},
    "b64 true": {"b64": True},
    "nested": {"cty": "JWT"},
    "a security event": {"typ": "secevent+jwt"},
    "a logout token": {"typ": "logout+jwt"},
    "typ is null": {"typ": None},
    "typ is a list": {"typ": ["JWT"]},
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_token_of_another_kind_is_refused(call: Caller, forge: Forge, name: str) -> None:
    build: Any = UNSUPPORTED[name]
    token = build(forge) if callable(build) else forge.token(header=forge.header(**build))

    response = call(token)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "members",
    [{"x-harmless": {"a": [1]}}, {"typ": "JWT"}, {"typ": "jwt"}, {"typ": "at+jwt"}],
)
def test_harmless_header_members_are_ignored(
    call: Caller, forge: Forge, members: dict[str, Any]
) -> None:
    assert call(forge.token(header=forge.header(**members))).status_code == 200


def test_a_header_without_kid_is_refused(call: Caller, forge: Forge) -> None:
    assert_refused(call(forge.token(header=forge.header(kid=WITHOUT))), "malformed_token")


def test_token_that_is_too_long_is_told_so(call: Caller, forge: Forge) -> None:
    claims = access_claims() | {"cognito:groups": [f"{number:0128}" for number in range(100)]}
    problem = assert_problem(call(forge.token(claims)), 401, "malformed_token")
    assert "too many groups" in problem["detail"]
