"""What a token says about its sign-in, and what an operation demands of it."""

from __future__ import annotations

from typing import Any

import pytest

from cognito.testing import WITHOUT, TokenFactory
from cognito.tokens.authentication import (
    IN_THE_FUTURE,
    NO_TIME,
    TOO_OLD,
    TOO_WEAK,
    UNKNOWN,
    AuthenticationContext,
    Requirement,
    context_of,
    levels,
)
from cognito.tokens.verifier import TokenVerifier

NOW = 1_800_000_000
ACCESS = frozenset({"access"})


@pytest.mark.parametrize(
    ("age", "shortfall"),
    [
        (0, ""),
        (300, ""),
        (301, TOO_OLD),
        (300.5, TOO_OLD),
        (86400, TOO_OLD),
        (-60, ""),
        (-61, IN_THE_FUTURE),
        (-86400, IN_THE_FUTURE),
    ],
)
def test_sign_in_is_recent_until_its_maximum_age(age: float, shortfall: str) -> None:
    context = AuthenticationContext(NOW)
    assert Requirement(300).shortfall(context, now=NOW + age) == shortfall


def test_unknown_sign_in_is_not_recent() -> None:
    assert Requirement(10**9).shortfall(UNKNOWN, now=NOW) == NO_TIME


@pytest.mark.parametrize(
    ("acr", "demanded", "is_enough"),
    [
        ("urn:cognito:loa:2", "urn:cognito:loa:2", True),
        ("urn:cognito:loa:3", "urn:cognito:loa:2", True),
        ("urn:cognito:loa:1", "urn:cognito:loa:2", False),
        ("urn:cognito:loa:1", "urn:cognito:loa:3 urn:cognito:loa:1", True),
        ("urn:cognito:loa:9", "urn:cognito:loa:2", False),
        ("urn:cognito:loa:22", "urn:cognito:loa:2", False),
        ("URN:COGNITO:LOA:2", "urn:cognito:loa:2", False),
        ("urn:cognito:loa:4", "https://example.com/gold", False),
        ("https://example.com/gold", "https://example.com/gold", True),
        ("https://example.com/silver", "https://example.com/gold", False),
        (None, "urn:cognito:loa:1", False),
        (None, "", True),
        ("urn:cognito:loa:1", "", True),
    ],
)
def test_level_must_be_one_of_the_demanded_or_higher(
    acr: str | None, demanded: str, is_enough: bool
) -> None:
    context = AuthenticationContext(NOW, acr)
    shortfall = Requirement(300, levels(demanded)).shortfall(context, now=NOW)
    assert shortfall == ("" if is_enough else TOO_WEAK)


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\tb c\x7f", "é", "x" * 65, "a b c d"])
def test_malformed_levels_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at most 3 levels"):
        levels(text)


@pytest.mark.parametrize(
    ("claims", "context"),
    [
        ({"auth_time": NOW}, (NOW, None)),
        ({"auth_time": NOW - 0.5}, (NOW - 1, None)),
        ({"auth_time": NOW + 60}, (NOW + 60, None)),
        ({"auth_time": NOW + 61}, (None, None)),
        ({"auth_time": 10**300}, (None, None)),
        ({"auth_time": WITHOUT}, (None, None)),
        ({"auth_time": None}, (None, None)),
        ({"auth_time": True}, (None, None)),
        ({"auth_time": str(NOW)}, (None, None)),
        ({"auth_time": [NOW]}, (None, None)),
        ({"auth_time": 0}, (None, None)),
        ({"auth_time": -1}, (None, None)),
        ({"acr": "urn:cognito:loa:2"}, (NOW, "urn:cognito:loa:2")),
        ({"acr": ["urn:cognito:loa:2"]}, (NOW, None)),
        ({"acr": 2}, (NOW, None)),
        ({"acr": ""}, (NOW, None)),
        ({"acr": "urn:cognito:loa:2 urn:cognito:loa:4"}, (NOW, None)),
        ({"acr": "x" * 65}, (NOW, None)),
    ],
)
def test_context_has_only_well_formed_claims(
    token_verifier: TokenVerifier,
    token_factory: TokenFactory,
    monkeypatch: pytest.MonkeyPatch,
    claims: dict[str, Any],
    context: tuple[int | None, str | None],
) -> None:
    monkeypatch.setattr(token_verifier, "_clock", lambda: NOW)
    token_factory.clock = lambda: NOW
    token = token_factory.access({"auth_time": NOW, **claims})
    assert context_of(token_verifier.verify(token, token_uses=ACCESS)) == context
