"""Tests of the error tree: its docstring, codes, words and statuses."""

from __future__ import annotations

import re

import pytest

from cognito import errors
from cognito.errors import CognitoError, CognitoUnavailable, TokenError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, CognitoError)
]


def documented() -> dict[str, str | None]:
    """Return each name in the tree of the docstring, with its parent."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│ ]*(?:[├└]── )?)([A-Z]\w+)(?:\s{2}|$)", line)
        if match:
            depth = len(match[1]) // 4
            path = [*path[:depth], match[2]]
            parents[match[2]] = path[depth - 1] if depth else None
    return parents


def test_docstring_shows_the_tree() -> None:
    assert documented() == {
        kind.__name__: None if kind is CognitoError else kind.__bases__[0].__name__
        for kind in KINDS
    }


# These share the code of their parent, because only one caller distinguishes them from it.
OF_ONE_CALLER = [errors.RefreshTokenReuse, errors.TokenTooLong]
# Each of these intentionally has the title of another error.
SAME_WORDS = {errors.RefreshTokenReuse, errors.TransportError, errors.ExpiredCode}


def test_each_error_has_its_own_stable_code() -> None:
    assert [kind for kind in KINDS if "code" not in vars(kind)] == OF_ONE_CALLER
    codes = [kind.code for kind in KINDS if kind not in OF_ONE_CALLER]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


def test_each_error_has_its_own_title_and_an_error_status() -> None:
    titles = [kind.title for kind in KINDS if kind not in SAME_WORDS]
    assert len(set(titles)) == len(titles)
    for kind in KINDS:
        assert "title" in vars(kind) or kind in SAME_WORDS, f"{kind.__name__} has no title"
        assert re.fullmatch(r"[A-Z][^\n]*[^.!]", kind.title)
        assert re.fullmatch(r"|[A-Z][^\n]*\.", kind.advice)
        assert kind.message == f"{kind.title}. {kind.advice}".strip()
        assert 400 <= kind.status < 600


@pytest.mark.parametrize("kind", KINDS)
def test_message_is_a_sentence_without_the_received_value(kind: type[CognitoError]) -> None:
    error = kind() if issubclass(kind, CognitoUnavailable) else kind(expected="a", received="hush")
    assert str(error) == kind.message
    assert "hush" not in repr(error)
    assert str(error).endswith(".")


def test_no_error_is_both_a_token_error_and_an_outage() -> None:
    token_errors = {kind for kind in KINDS if issubclass(kind, TokenError)}
    unavailable = {kind for kind in KINDS if issubclass(kind, CognitoUnavailable)}
    assert token_errors
    assert unavailable
    assert not token_errors & unavailable
