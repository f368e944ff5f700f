"""JSON is read in one way only."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito.wire.strict_json import NotStrictJSON, parse_object
from tests.support.clock import least_seconds

# The number itself: a test that imported the limit would agree with any.
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
def test_objects_are_read_as_they_were_written(
    value: dict[str, object], indent: int | None, ensure_ascii: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ensure_ascii)
    if depth(value) <= ALLOWED_DEPTH:
        assert parse_object(text.encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(text: bytes) -> None:
    try:
        value = parse_object(text)
    except NotStrictJSON:
        return
    assert value == json.loads(text)


def test_spaces_around_are_allowed() -> None:
    assert parse_object(b' \r\n\t{"a" : 1} \r\n\t') == {"a": 1}


def test_an_escaped_surrogate_pair_is_one_character() -> None:
    assert parse_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


def test_brackets_in_text_do_not_nest() -> None:
    assert parse_object(b'{"a":"[[[[[[[[[[{{{{{{{{{{"}') == {"a": "[" * 10 + "{" * 10}


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_as_deep_as_allowed_is_read_and_one_deeper_is_not(opening: str) -> None:
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
        b"{}\xc2\xa0",  # a no-break space is no JSON space
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
        b'{"a":"\xed\xa0\x80"}',  # half of a pair, in UTF-8 that is none
        b'{"a":"\xc0\xae"}',  # overlong
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
def test_what_can_be_understood_in_two_ways_is_refused(text: bytes) -> None:
    def refused() -> None:
        with pytest.raises(NotStrictJSON):
            parse_object(text)

    assert least_seconds(refused, enough=0.05) < 0.05
