"""base64url has one spelling for each value."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito.wire import base64url


@given(st.binary(max_size=100))
def test_what_was_encoded_is_decoded(data: bytes) -> None:
    assert base64url.encode(data) == base64.urlsafe_b64encode(data).rstrip(b"=")
    assert base64url.decode(base64url.encode(data)) == data


@given(st.binary(max_size=12))
def test_whatever_is_taken_is_the_one_encoding_of_its_value(encoded: bytes) -> None:
    try:
        decoded = base64url.decode(encoded)
    except ValueError:
        return
    assert base64url.encode(decoded) == encoded


@pytest.mark.parametrize(
    "encoded",
    [
        "YQ==",  # padded
        "YQ=",
        "YR",  # unused bits of the last character are not zero (a 4-bit rest)
        "YWJ=",
        "YWJ",  # of YWI (a 2-bit rest)
        "Y",  # 6 bits are no byte
        "YWFhY",
        "+AAA",  # of base64, not base64url
        "/AAA",
        "YW Jj",
        "YWJj\n",
        "\nYWJj",
        "YW!J*j~$",
        "YWJj.",
        "YWJj%",
        "YWJj=YWJj",
        "=",
        "====",
        "\x00AAA",
        "YWJj\x80",
    ],
)
def test_any_other_spelling_is_refused(encoded: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(encoded.encode("latin-1"))
