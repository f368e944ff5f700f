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


def test_codes_are_stable_and_of_one_error_each() -> None:
    shared = [kind for kind in KINDS if "code" not in vars(kind)]
    # Only a caller that refreshes tokens tells it from its parent.
    assert shared == [errors.RefreshTokenReuse]
    codes = [kind.code for kind in KINDS if kind not in shared]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


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
