"""Names in the audit trail that come from a request."""

from __future__ import annotations

from accounts.audit.subject import MAX_LABEL_CHARACTERS, Subject


def test_typed_name_shows_its_invisible_characters_and_has_no_nul() -> None:
    assert str(Subject.named("a\0d\u202ea")) == "ad[U+202E]a"


def test_long_typed_name_is_cut() -> None:
    assert str(Subject.named("a" * 100_000)) == "a" * MAX_LABEL_CHARACTERS
