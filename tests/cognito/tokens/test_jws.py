"""Tests of the shape, encoding and header of a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from cognito.errors import MalformedToken, TokenError, UnknownKey, UnsupportedAlgorithm
from cognito.testing import WITHOUT, TokenFactory
from cognito.tokens.jws import split_compact, token_bytes
from cognito.tokens.verifier import TokenVerifier
from cognito.wire import base64url
from tests.cognito.conftest import Verify

Make = Callable[[TokenFactory], str]


def payload_of(factory: TokenFactory) -> dict[str, Any]:
    encoded = factory.access().split(".")[1]
    payload: dict[str, Any] = json.loads(base64url.decode(encoded.encode()))
    return payload


def with_header(header: bytes) -> Make:
    return lambda f: f.forged(header, json.dumps(payload_of(f)).encode())


def with_payload(change: Callable[[bytes], bytes]) -> Make:
    def make(f: TokenFactory) -> str:
        header = json.dumps({"kid": f.key.kid, "alg": "RS256"}).encode()
        return f.forged(header, change(json.dumps(payload_of(f)).encode()))

    return make


def with_segments(change: Callable[[list[str]], list[str]]) -> Make:
    return lambda f: ".".join(change(f.access().split(".")))


def resigned(change: Callable[[str], str]) -> Make:
    """Change the signing input, and sign the result."""

    def make(f: TokenFactory) -> str:
        signing_input = change(f.access().rpartition(".")[0])
        signature = base64url.encode(f.key.sign(signing_input.encode("utf-8", "replace")))
        return f"{signing_input}.{signature.decode()}"

    return make


def with_raw_header(text: str) -> Make:
    """Use this text as the header, with the `kid` of the key in place of KID."""
    return lambda f: with_header(text.replace("KID", f.key.kid).encode("utf-8"))(f)


ACCEPTED: dict[str, Make] = {
    "as Cognito issues it": lambda f: f.access(),
    "spaces and another member order": lambda f: f.forged(
        json.dumps({"alg": "RS256", "kid": f.key.kid}, indent=2).encode(),
        json.dumps(dict(reversed(payload_of(f).items())), indent=2).encode(),
    ),
    "typ JWT": lambda f: f.access(header={"typ": "JWT"}),
    "typ jwt": lambda f: f.access(header={"typ": "jwt"}),
    "typ at+jwt": lambda f: f.access(header={"typ": "at+jwt"}),
    "unknown header member": lambda f: f.access(header={"x-trace": [1, {"a": None}]}),
    "names in Japanese": lambda f: f.access(note="\u65e5\u672c\u8a9e"),
    "unknown claims of every type": lambda f: f.access(a=None, b=[1.5], c={"d": True}, e=-1),
    "an e-mail address of another type": lambda f: f.access(email={}),
    "100 groups": lambda f: f.access({"cognito:groups": [f"group-{i}" * 4 for i in range(100)]}),
    "an embedded key, which is ignored": lambda f: f.access(header={"jwk": f.key.jwk()}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_well_formed_token_is_accepted(
    name: str, verify: Verify, token_factory: TokenFactory
) -> None:
    assert verify(ACCEPTED[name](token_factory)).sub == token_factory.sub


MALFORMED: dict[str, Make] = {
    "empty": lambda _: "",
    "null": lambda _: "null",
    "one segment": lambda f: f.access().split(".")[0],
    "two segments": lambda f: f.access().rpartition(".")[0],
    "four segments": lambda f: f.access() + ".AAAA",
    "five segments": lambda f: f.access() + ".AAAA.AAAA",
    "three empty segments": lambda _: "..",
    "empty header": with_segments(lambda s: ["", *s[1:]]),
    "empty payload": with_segments(lambda s: [s[0], "", s[2]]),
    "empty signature": with_segments(lambda s: [*s[:2], ""]),
    "leading dot": lambda f: "." + f.access(),
    "trailing dot": lambda f: f.access() + ".",
    "leading space": lambda f: " " + f.access(),
    "trailing space": lambda f: f.access() + " ",
    "trailing line break": lambda f: f.access() + "\n",
    "trailing NUL": lambda f: f.access() + "\x00",
    "quoted": lambda f: f'"{f.access()}"',
    "URL-encoded": lambda f: f.access().replace(".", "%2E"),
    "twice, with a comma": lambda f: f"{f.access()},{f.access()}",
    "look-alike dots": lambda f: f.access().replace(".", "\u2024"),
    "full-width letters": lambda f: f.access().replace("e", "\uff45"),
    "a lone surrogate": lambda f: f.access() + "\ud800",
    "JSON serialization": lambda f: json.dumps(
        dict(zip(("protected", "payload", "signature"), f.access().split("."), strict=True))
    ),
    "header is not base64url": with_segments(lambda s: ["{}", *s[1:]]),
    "header is padded, and signed with the padding": resigned(lambda s: s.replace(".", "==.", 1)),
    "payload is padded, and signed with the padding": resigned(lambda s: s + "="),
    "payload has a line break, and is signed with it": resigned(lambda s: s + "\n"),
    "payload has characters of base64, and is signed with them": resigned(lambda s: s + "+/+/"),
    "signature is padded": lambda f: f.access() + "==",
    "signature in base64": with_segments(
        lambda s: [*s[:2], s[2][:-3].replace("-", "+").replace("_", "/") + "+/A"]
    ),
    "junk in the header": with_segments(lambda s: [s[0][:8] + "!*~$" + s[0][8:], *s[1:]]),
    "junk in the payload": with_segments(lambda s: [s[0], s[1][:8] + "%2E" + s[1][8:], s[2]]),
    "padding inside a segment": with_segments(lambda s: [s[0][:8] + "=" + s[0][8:], *s[1:]]),
    "junk in the signature": with_segments(lambda s: [*s[:2], s[2][:9] + "!*~$" + s[2][9:]]),
    "unused bits of the signature": with_segments(
        lambda s: [*s[:2], s[2][:-1] + chr(ord(s[2][-1]) + 1)]
    ),
    "header is an array": with_header(b'["RS256"]'),
    "header is a number of 5,000 digits": with_header(b"9" * 5000),
    "header is text": with_header(b'"RS256"'),
    "header is null": with_header(b"null"),
    "header is empty": with_header(b""),
    "header with a byte order mark": with_raw_header('\ufeff{"alg":"RS256","kid":"KID"}'),
    "header in UTF-16": lambda f: with_header(
        json.dumps({"alg": "RS256", "kid": f.key.kid}).encode("utf-16")
    )(f),
    "header is not UTF-8": with_header(b'{"alg":"RS256","kid":"\xff"}'),
    "header nests 1,000 deep": with_header(b"[" * 1000),
    "header member nests too deep": with_raw_header(
        '{"alg":"RS256","kid":"KID","x":' + "[" * 9 + "]" * 9 + "}"
    ),
    "alg twice, none first": with_raw_header('{"alg":"none","alg":"RS256","kid":"KID"}'),
    "alg twice, none last": with_raw_header('{"alg":"RS256","alg":"none","kid":"KID"}'),
    "kid twice": with_raw_header('{"alg":"RS256","kid":"KID","kid":"KID"}'),
    "alg twice, once escaped": with_raw_header('{"alg":"RS256","\\u0061lg":"RS256","kid":"KID"}'),
    "header followed by something": with_raw_header('{"alg":"RS256","kid":"KID"}{}'),
    "payload is text": with_payload(lambda _: b'"text"'),
    "payload is a list": with_payload(lambda p: b"[" + p + b"]"),
    "payload is empty": with_payload(lambda _: b""),
    "payload is not UTF-8": with_payload(lambda p: p.replace(b'"readers"', b'"\xff"')),
    "payload with a byte order mark": with_payload(lambda p: b"\xef\xbb\xbf" + p),
    "payload followed by something": with_payload(lambda p: p + b"x"),
    "payload is two objects": with_payload(lambda p: p + p),
    "payload is NaN": with_payload(lambda _: b"NaN"),
    "payload with a number beyond every float": with_payload(lambda p: p[:-1] + b',"x":1e999}'),
    "payload with NaN": with_payload(lambda p: p[:-1] + b',"x":NaN}'),
    "payload with an integer of 4,400 digits": with_payload(
        lambda p: p[:-1] + b',"x":' + b"9" * 4400 + b"}"
    ),
    "payload with half a surrogate pair": with_payload(lambda p: p[:-1] + b',"x":"\\ud800"}'),
    "payload nests too deep": with_payload(
        lambda p: p[:-1] + b',"x":' + b"[" * 500 + b"]" * 500 + b"}"
    ),
    "sub twice": with_payload(lambda p: p[:-1] + b',"sub":"another"}'),
    "groups twice": with_payload(lambda p: p[:-1] + b',"cognito:groups":["operators"]}'),
    "more than 16 KB": lambda f: f.access(x="x" * 16_384),
    "60 KB of garbage": lambda _: "A" * 60_000,
    "a refresh token": lambda _: ".".join(
        [
            base64url.encode(b'{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}').decode(),
            *["AAAA"] * 4,
        ]
    ),
    "kid is missing": lambda f: f.access(header={"kid": WITHOUT}),
    "kid is empty": lambda f: f.access(header={"kid": ""}),
    "kid is a number": lambda f: f.access(header={"kid": 1}),
    "kid is true": lambda f: f.access(header={"kid": True}),
    "kid is null": lambda f: f.access(header={"kid": None}),
    "kid is a list": lambda f: f.access(header={"kid": [f.key.kid]}),
    "kid is an object": lambda f: f.access(header={"kid": {"kid": f.key.kid}}),
    "kid with a line break": lambda f: f.access(header={"kid": f.key.kid + "\n"}),
    "kid with a NUL": lambda f: f.access(header={"kid": f.key.kid + "\x00"}),
    "kid is a lone surrogate": lambda f: f.access(header={"kid": "\ud800"}),
    "kid of 300 characters": lambda f: f.access(header={"kid": "k" * 300}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_token_is_refused(name: str, verify: Verify, token_factory: TokenFactory) -> None:
    with pytest.raises(MalformedToken):
        verify(MALFORMED[name](token_factory))


EXTENDED: dict[str, dict[str, Any]] = {
    "crit names an unknown extension": {"crit": ["x"], "x": 1},
    "crit names exp": {"crit": ["exp"], "exp": 1},
    "crit is empty": {"crit": []},
    "crit is text": {"crit": "x"},
    "crit is null": {"crit": None},
    "b64 is false": {"b64": False, "crit": ["b64"]},
    "b64 is false, without crit": {"b64": False},
    "b64 is true": {"b64": True},
    "cty is JWT": {"cty": "JWT"},
    "cty is null": {"cty": None},
    "typ is of a security event": {"typ": "secevent+jwt"},
    "typ is of a logout": {"typ": "logout+jwt"},
    "typ is of a proof of possession": {"typ": "dpop+jwt"},
    "typ is JWE": {"typ": "JWE"},
    "typ is empty": {"typ": ""},
    "typ is null": {"typ": None},
    "typ is a list": {"typ": ["JWT"]},
    "typ is a number": {"typ": 1},
}


@pytest.mark.parametrize("name", EXTENDED)
def test_header_with_extensions_is_refused(
    name: str, verify: Verify, token_factory: TokenFactory
) -> None:
    with pytest.raises(UnsupportedAlgorithm):
        verify(token_factory.access(header=EXTENDED[name]))


def test_nested_token_is_refused(verify: Verify, token_factory: TokenFactory) -> None:
    header = json.dumps({"alg": "RS256", "kid": token_factory.key.kid, "cty": "JWT"}).encode()
    with pytest.raises(TokenError):
        verify(token_factory.forged(header, token_factory.access().encode()))


def test_token_of_the_maximum_length_is_accepted(
    verify: Verify, token_factory: TokenFactory
) -> None:
    # base64url writes 3 bytes as 4 characters.
    room = (16_384 - len(token_factory.access(x=""))) * 3 // 4 - 2
    token = token_factory.access(x="x" * room)
    assert 16_380 < len(token) <= 16_384
    assert verify(token).sub == token_factory.sub


def test_limit_of_the_length_is_that_of_the_caller() -> None:
    assert token_bytes("x" * 10, max_characters=10) == b"x" * 10
    message = "The token is longer than 9 characters. Its user may be in too many groups."
    with pytest.raises(MalformedToken) as refused:
        token_bytes("x" * 10, max_characters=9)
    assert (str(refused.value), refused.value.expected) == (message, 9)


@pytest.mark.parametrize(
    ("token", "signing_input", "signature"),
    [(b"a.b.c", b"a.b", b"c"), (b"a.b.c.d", b"a.b.c", b"d"), (b"abc", b"", b"abc")],
)
def test_token_is_split_at_its_last_dot_and_hashed(
    token: bytes, signing_input: bytes, signature: bytes
) -> None:
    assert split_compact(token) == (signing_input, signature, sha256(signing_input).digest())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("four segments", "The token has more than three parts."),
        ("empty signature", "The token is not signed."),
        ("kid is missing", "The token does not name the key it is signed with."),
    ],
)
def test_malformed_token_is_refused_with_the_reason(
    name: str, message: str, verify: Verify, token_factory: TokenFactory
) -> None:
    with pytest.raises(MalformedToken) as refused:
        verify(MALFORMED[name](token_factory))
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("header", "expected", "received"),
    [
        ({"crit": [], "cty": None, "b64": True}, None, ["b64", "crit", "cty"]),
        ({"typ": "JWE"}, {"JWT", "at+jwt"}, "JWE"),
    ],
    ids=["extensions", "typ"],
)
def test_refused_header_is_named(
    header: dict[str, Any],
    expected: object,
    received: object,
    verify: Verify,
    token_factory: TokenFactory,
) -> None:
    with pytest.raises(UnsupportedAlgorithm) as refused:
        verify(token_factory.access(header=header))
    assert (refused.value.expected, refused.value.received) == (expected, received)


@pytest.mark.parametrize(
    ("length", "error"), [(1, UnknownKey), (256, UnknownKey), (257, MalformedToken)]
)
def test_kid_has_1_to_256_characters(
    length: int, error: type[TokenError], verify: Verify, token_factory: TokenFactory
) -> None:
    with pytest.raises(error):
        verify(token_factory.access(header={"kid": "k" * length}))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "At+Jwt"])
@pytest.mark.parametrize("token_uses", [{"access", "id"}, {"id"}], ids=["both", "id"])
def test_id_token_whose_header_has_the_type_of_access_tokens_is_refused(
    token_verifier: TokenVerifier, token_factory: TokenFactory, token_uses: set[str], typ: str
) -> None:
    token = token_factory.id_token(header={"typ": typ})
    with pytest.raises(UnsupportedAlgorithm):
        token_verifier.verify(token, token_uses=frozenset(token_uses))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "At+Jwt"])
def test_access_token_may_have_the_type_of_access_tokens_in_any_case(
    verify: Verify, token_factory: TokenFactory, typ: str
) -> None:
    assert verify(token_factory.access(header={"typ": typ})).token_use == "access"
