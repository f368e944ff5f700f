"""Tests that ambiguous JSON is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
