"""Names of users and groups as a segment of a path: every name that Cognito allows."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.pool_names import AdminKeyConverter, PoolNameConverter

NAMES = [
    "ada",
    "AzureAD_ann+b@corp.example",
    "3f1c8a52-0000-4000-8000-1f2e3d4c5b6a",
    "a/b",
    "/",
    "//a//",
    "a/disable",
    "%",
    "%2F",
    "%25252F",
    "~",
    "~2F",
    "~~7E",
    "_2F",
    ".",
    "..",
    "...",
    "a;b",
    "a?b#c",
    "a&b=c",
    "'\"<>\\",
    "[…]",
    "Zoë",
    "Zoe\u0308",
    "名前",
    "😀",
    "x" * 128,
    "😀" * 128,
]
CONVERTERS = [PoolNameConverter(), AdminKeyConverter()]
allowed = st.text(
    st.characters(categories=["L", "M", "S", "N", "P"], codec="utf-8"), min_size=1, max_size=128
)


@pytest.mark.parametrize("converter", CONVERTERS, ids=["API", "admin"])
class TestPoolName:
    @pytest.mark.parametrize("name", NAMES)
    def test_name_survives_any_number_of_decodings(
        self, converter: PoolNameConverter, name: str
    ) -> None:
        segment = converter.to_url(name)
        assert re.fullmatch(r"[A-Za-z0-9._~@+-]+", segment)
        assert segment not in {".", ".."}
        assert unquote(unquote(segment)) == segment
        assert converter.to_python(segment) == name
        # A client may percent-encode every name it gets.
        assert converter.to_python(unquote(quote(segment, safe=""))) == name

    @settings(max_examples=40, deadline=None)
    @given(name=allowed)
    def test_any_allowed_name_is_decoded_unchanged(
        self, converter: PoolNameConverter, name: str
    ) -> None:
        assert converter.to_python(converter.to_url(name)) == name

    @pytest.mark.parametrize("name", ["", "x" * 129, "a b", "a\0", "a\n", "\u200b", "\ue000"])
    def test_name_that_no_pool_allows_is_refused(
        self, converter: PoolNameConverter, name: str
    ) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 # Django takes any for "no such path"
            converter.to_python(converter.to_url(name))
        with pytest.raises(ValueError):  # noqa: PT011 # the same
            converter.to_python(name)

    @pytest.mark.parametrize("byte", ["FF", "C3", "00", "0A"])
    def test_bytes_that_are_not_utf_8_are_refused(
        self, converter: PoolNameConverter, byte: str
    ) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 # the same
            converter.to_python(f"a{converter.escape}{byte}")


def test_plain_name_is_not_escaped() -> None:
    for name in NAMES[:3]:
        assert PoolNameConverter().to_url(name) == name


def test_names_of_the_tests_are_allowed_by_cognito() -> None:
    for name in NAMES:
        assert {unicodedata.category(character)[0] for character in name} <= set("LMSNP")
