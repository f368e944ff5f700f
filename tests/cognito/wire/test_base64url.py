"""Tests that base64url accepts one encoding of each value."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito.wire import base64url


@given(st.binary(max_size=100))
def test_encoded_value_is_decoded(data: bytes) -> None:
    assert base64url.encode(data) == base64.urlsafe_b64encode(data).rstrip(b"=")
    assert base64url.decode(base64url.encode(data)) == data


@given(st.binary(max_size=12))
def test_accepted_text_is_the_only_encoding_of_its_value(encoded: bytes) -> None:
    try:
        decoded = base64url.decode(encoded)
    except ValueError:
        return
    assert base64url.encode(decoded) == encoded


@pytest.mark.parametrize("encoded", [b"QUJDREVG", b"QUJDREU", b"QUJDRA", b"-_JDREVG", b"-_JDREU"])
def test_one_other_character_never_has_the_meaning_of_another_text(encoded: bytes) -> None:
    accepted = 0
    for position in range(len(encoded)):
        for number in range(256):
            changed = encoded[:position] + bytes([number]) + encoded[position + 1 :]
            try:
                decoded = base64url.decode(changed)
            except ValueError:
                continue
            assert base64url.encode(decoded) == changed
            accepted += 1
    # Each position accepts 64 characters, except the last one of a group that is not full.
    assert accepted == 64 * (len(encoded) - 1) + {0: 64, 2: 4, 3: 16}[len(encoded) % 4]


@pytest.mark.parametrize(
    "encoded",
    [
        "YQ==",  # padded
        "YQ=",
        "YR",  # unused bits of the last character are not zero (a 4-bit rest); YQ is valid
        "YWJ=",
        "YWJ",  # the same with a 2-bit rest; YWI is valid
        "Y",  # 6 bits are not a byte
        "YWFhY",
        "+AAA",  # a character of base64, not of base64url
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
def test_other_encoding_is_refused(encoded: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(encoded.encode("latin-1"))
