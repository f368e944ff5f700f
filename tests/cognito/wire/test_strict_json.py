"""Tests that ambiguous JSON is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cognito.wire import strict_json
from cognito.wire.strict_json import NotStrictJSON, parse_object
from tests.support.clock import least_seconds

# This repeats the number, because a test that imports the limit would accept any.
ALLOWED_DEPTH = 8

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@pytest.mark.slow
@given(st.dictionaries(st.text(), values, max_size=5), st.sampled_from([None, 2]), st.booleans())
def test_written_object_is_read_again(
    value: dict[str, object], indent: int | None, ensure_ascii: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ensure_ascii)
    if depth(value) <= ALLOWED_DEPTH:
        assert parse_object(text.encode()) == value


@given(st.binary(max_size=60))
def test_random_bytes_are_an_object_or_are_refused(text: bytes) -> None:
    try:
        value = parse_object(text)
    except NotStrictJSON:
        return
    assert value == json.loads(text)


def outcome(text: bytes, *, strictly: bool = False) -> str:
    """Return the object with the types of its values, or the error."""
    parse = strict_json.parse_strictly if strictly else parse_object
    try:
        return repr(parse(text))
    except NotStrictJSON as error:
        return f"refused: {error}"


numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    # Every way to write a number, and some that JSON does not have.
    st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
members = st.tuples(
    st.sampled_from(["a", "b", "exp", "\\u0061", "\\ud800", "é"]),
    numbers
    | values.map(lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    | st.sampled_from(
        ["[[[[[[[[[1]]]]]]]]]", '{"b":{"b":1,"b":1}}', '"\\/"', '"\\ud83d\\ude00"', "[]"]
    ),
)


@given(st.lists(members, max_size=4), st.sampled_from(["", " ", "\n", "\ufeff", "\x00", ","]))
@settings(max_examples=400)
@pytest.mark.slow
@example([("exp", "18446744073709551616")], "")
@example([("exp", "9007199254740993.0")], "")
@example([("exp", "-0")], "")
@example([("exp", "-0.0")], "")
@example([("exp", "1e16")], "")
@example([("exp", "1e-7")], "")
@example([("exp", "1"), ("exp", "1")], "")
def test_fast_and_strict_parser_agree(written: list[tuple[str, object]], space: str) -> None:
    text = "{" + ",".join(f'"{name}":{value}' for name, value in written) + space + "}"
    for encoded in (text.encode("utf-8", "surrogatepass"), (space + text).encode("utf-8")):
        assert outcome(encoded) == outcome(encoded, strictly=True)


@given(st.data())
@settings(max_examples=400)
@pytest.mark.slow
def test_fast_and_strict_parser_agree_on_damaged_text(data: st.DataObject) -> None:
    value = data.draw(st.dictionaries(st.text(max_size=3), values, max_size=4))
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    damaged = text[:start] + data.draw(st.binary(max_size=3)) + text[end:]
    assert outcome(damaged) == outcome(damaged, strictly=True)


def test_object_as_cognito_writes_it_needs_no_strict_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(text: bytes) -> dict[str, Any]:
        raise AssertionError(text)

    monkeypatch.setattr(strict_json, "parse_strictly", refuse)
    value = {
        "sub": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        "cognito:groups": ["readers", "Größe"],
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01",
        "identities": [{"userId": "1", "primary": "true", "dateCreated": "1700000000000"}],
        "auth_time": 1_800_000_000,
        "email_verified": True,
    }

    assert (
        parse_object(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()) == value
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{", "not strict JSON"),
        (b"[" * 100_000, "not strict JSON"),
        (b'{"a":"\xff"}', "not strict JSON"),
        (b"[]", "not a JSON object"),
        (b"{} x", "not a JSON object"),
        (b'{"a":1,"a":2}', "duplicate member"),
        (b'{"a":1e400}', "number too large"),
        (b'{"a":NaN}', "NaN is not JSON"),
        (b'{"a":' + b"[" * 9 + b"]" * 9 + b"}", "nested too deeply"),
        (b'{"a":"\\ud800"}', "not Unicode"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_text_is_refused_with_a_reason_that_does_not_quote_it(text: bytes, reason: str) -> None:
    with pytest.raises(NotStrictJSON) as refused:
        parse_object(text)
    assert str(refused.value) == reason
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_surrounding_spaces_are_allowed() -> None:
    assert parse_object(b' \r\n\t{"a" : 1} \r\n\t') == {"a": 1}


def test_escaped_surrogate_pair_is_one_character() -> None:
    assert parse_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


def test_brackets_in_text_do_not_count_as_nesting() -> None:
    assert parse_object(b'{"a":"[[[[[[[[[[{{{{{{{{{{"}') == {"a": "[" * 10 + "{" * 10}


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_object_of_the_maximum_depth_is_read_and_a_deeper_one_is_refused(opening: str) -> None:
    closing = "]" if opening == "[" else "}"

    def nested(levels: int) -> bytes:
        return ('{"top":' + opening * (levels - 1) + "1" + closing * (levels - 1) + "}").encode()

    assert depth(parse_object(nested(ALLOWED_DEPTH))) == ALLOWED_DEPTH
    with pytest.raises(NotStrictJSON, match="too deep"):
        parse_object(nested(ALLOWED_DEPTH + 1))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"null",
        b"true",
        b"1",
        b'"text"',
        b"[]",
        b'[{"a":1}]',
        b"{}{}",
        b"{} x",
        b"{}\x00",
        b"{}\xc2\xa0",  # JSON does not allow a no-break space here
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":1.}',
        b'{"a":0x1}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":-1e400}',
        b'{"a":' + b"9" * 4400 + b"}",
        b"9" * 5000,
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"b":{"a":1,"a":1}}',
        b'{"a":"\n"}',
        b'{"a":"\x00"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"\\ud800":1}',
        b'{"a":["\\udfff"]}',
        b'{"a":"\xed\xa0\x80"}',  # a single surrogate in invalid UTF-8
        b'{"a":"\xc0\xae"}',  # an overlong encoding
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
        b'{"a":' + b"[" * 5000,
        b"[" * 100_000,
        b'{"a":' * 5000,
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_invalid_or_ambiguous_text_is_refused(text: bytes) -> None:
    def refused() -> None:
        with pytest.raises(NotStrictJSON):
            parse_object(text)

    assert least_seconds(refused, enough=0.05) < 0.05
