"""Tests of invisible characters in names."""

from __future__ import annotations

import pytest

from cognito.attributes.labels import shown


@pytest.mark.parametrize(
    ("label", "as_shown"),
    [
        ("Ann \u202egpj", "Ann [U+202E]gpj"),
        ("a\u200bb", "a[U+200B]b"),
        ("a\u200db", "a[U+200D]b"),
        ("a\u2066b\u2069", "a[U+2066]b[U+2069]"),
        ("\ufeffa", "[U+FEFF]a"),
        ("a\u00adb", "a[U+00AD]b"),
        ("\u3164", "[U+3164]"),
        ("a\ufe0f", "a[U+FE0F]"),
        ("\U000e0041a", "[U+E0041]a"),
        ("two\nlines\x85", "two[U+000A]lines[U+0085]"),
        ("\u2028", "[U+2028]"),
    ],
)
def test_invisible_character_is_replaced_by_its_code(label: str, as_shown: str) -> None:
    assert shown(label) == as_shown


@pytest.mark.parametrize(
    "label",
    ["", "\u00c6thelstan O'Brien", "\u5bb6\u5ead", "\U0001f469\u200d\U0001f680", "\u2764\ufe0f"],
)
def test_visible_label_is_unchanged(label: str) -> None:
    assert shown(label) == label
