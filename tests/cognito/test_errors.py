"""The error tree is what its docstring draws, and says nothing that it should not."""

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


def drawn() -> dict[str, str | None]:
    """Each name in the docstring's tree with the name it hangs from."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│ ]*(?:[├└]── )?)([A-Z]\w+)(?:\s{2}|$)", line)
        if match:
            depth = len(match[1]) // 4
            path = [*path[:depth], match[2]]
            parents[match[2]] = path[depth - 1] if depth else None
    return parents


def test_the_docstring_draws_the_tree() -> None:
    assert drawn() == {
        kind.__name__: None if kind is CognitoError else kind.__bases__[0].__name__
        for kind in KINDS
    }


# They share their parent's code: only one caller tells each from it.
OF_ONE_CALLER = [errors.RefreshTokenReuse, errors.TokenTooLong]
# What the user reads of these is the same for both, on purpose.
SAME_WORDS = {errors.RefreshTokenReuse, errors.TransportError, errors.ExpiredCode}


def test_each_error_has_a_stable_code_of_its_own() -> None:
    assert [kind for kind in KINDS if "code" not in vars(kind)] == OF_ONE_CALLER
    codes = [kind.code for kind in KINDS if kind not in OF_ONE_CALLER]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


def test_each_error_has_words_of_its_own_and_an_error_status() -> None:
    titles = [kind.title for kind in KINDS if kind not in SAME_WORDS]
    assert len(set(titles)) == len(titles)
    for kind in KINDS:
        assert "title" in vars(kind) or kind in SAME_WORDS, f"{kind.__name__} has no words"
        assert re.fullmatch(r"[A-Z][^\n]*[^.!]", kind.title)
        assert re.fullmatch(r"|[A-Z][^\n]*\.", kind.advice)
        assert kind.message == f"{kind.title}. {kind.advice}".strip()
        assert 400 <= kind.status < 600


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_a_sentence_without_what_was_received(kind: type[CognitoError]) -> None:
    error = kind() if issubclass(kind, CognitoUnavailable) else kind(expected="a", received="hush")
    assert str(error) == kind.message
    assert "hush" not in repr(error)
    assert str(error).endswith(".")


def test_every_kind_is_the_tokens_fault_or_not() -> None:
    token_errors = {kind for kind in KINDS if issubclass(kind, TokenError)}
    unavailable = {kind for kind in KINDS if issubclass(kind, CognitoUnavailable)}
    assert token_errors
    assert unavailable
    assert not token_errors & unavailable
