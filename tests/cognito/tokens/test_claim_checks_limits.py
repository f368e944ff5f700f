"""The limits and errors of each check by itself.

The verifier runs these checks only for tokens that `usual_claims` does not accept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cognito.errors import (
    CognitoError,
    InvalidClaim,
    LifetimeTooLong,
    MissingClaim,
    TokenExpired,
    TokenNotYetValid,
    WrongAudience,
    WrongClient,
    WrongTokenUse,
)
from cognito.tokens.claim_checks import (
    client_id_of,
    require_audience,
    token_use_of,
    validity_of,
)
from cognito.tokens.claims import ACCESS, ID

NOW = 1_800_000_000
DAY = 24 * 3600
CLIENTS = frozenset({"ours"})
NONE: frozenset[str] = frozenset()
OPEN = frozenset({"mcp/use"})


@pytest.mark.parametrize(
    ("times", "now"),
    [
        ({"iat": NOW, "exp": NOW + 1}, NOW),
        ({"iat": NOW, "exp": NOW + 0.5}, NOW + 0.25),
        ({"iat": NOW + 60, "exp": NOW + 900}, NOW),
        ({"iat": NOW, "exp": NOW + 900, "nbf": NOW + 60}, NOW),
        ({"iat": NOW, "exp": NOW + 900, "nbf": 0}, NOW),
        ({"iat": NOW, "exp": NOW + DAY + 1800}, NOW),
        ({"iat": 0, "exp": 1}, 0),
        ({"iat": 2**53 - 2, "exp": 2**53 - 1}, 2**53 - 2),
    ],
    ids=str,
)
def test_valid_times_are_returned(times: Mapping[str, Any], now: float) -> None:
    assert validity_of(times, now) == (times["iat"], times["exp"])


def times(**changes: object) -> dict[str, object]:
    return {"iat": NOW, "exp": NOW + 900} | changes


@pytest.mark.parametrize(
    ("check", "error", "expected", "received"),
    [
        (lambda: token_use_of({}, frozenset({ID})), MissingClaim, "token_use", None),
        (lambda: token_use_of({"token_use": ID}, OPEN), WrongTokenUse, OPEN, ID),
        (lambda: token_use_of({"token_use": [ID]}, OPEN), WrongTokenUse, OPEN, [ID]),
        (lambda: validity_of({"iat": NOW}, NOW), MissingClaim, "exp", None),
        (lambda: validity_of({"exp": NOW + 1}, NOW), MissingClaim, "iat", None),
        (lambda: validity_of(times(exp=True), NOW), InvalidClaim, "exp", True),
        (lambda: validity_of(times(iat=-1), NOW), InvalidClaim, "iat", -1),
        (lambda: validity_of(times(nbf=2**53), NOW), InvalidClaim, "nbf", 2**53),
        (lambda: validity_of(times(exp=NOW), NOW), TokenExpired, NOW, NOW),
        (lambda: validity_of(times(iat=NOW + 61), NOW), TokenNotYetValid, NOW, NOW + 61),
        (lambda: validity_of(times(nbf=NOW + 61), NOW), TokenNotYetValid, NOW, NOW + 61),
        (
            lambda: validity_of(times(exp=NOW + DAY + 1801), NOW),
            LifetimeTooLong,
            DAY + 1800,
            DAY + 1801,
        ),
        (lambda: require_audience({"aud": ["a"]}, "a"), WrongAudience, "a", ["a"]),
        (lambda: require_audience({"aud": "b"}, "a"), WrongAudience, "a", "b"),
        (lambda: require_audience({}, None), WrongAudience, None, None),
        (
            lambda: client_id_of({"aud": "ours"}, ACCESS, CLIENTS, NONE),
            MissingClaim,
            "client_id",
            None,
        ),
        (lambda: client_id_of({"client_id": "ours"}, ID, CLIENTS, NONE), MissingClaim, "aud", None),
        (
            lambda: client_id_of({"client_id": "x"}, ACCESS, CLIENTS, NONE),
            WrongClient,
            CLIENTS,
            "x",
        ),
        (
            lambda: client_id_of({"aud": ["ours"]}, ID, CLIENTS, NONE),
            WrongClient,
            CLIENTS,
            ["ours"],
        ),
    ],
)
def test_error_states_what_was_expected_and_received(
    check: Callable[[], object], error: type[CognitoError], expected: object, received: object
) -> None:
    with pytest.raises(error) as refused:
        check()
    assert type(refused.value) is error
    assert (refused.value.expected, refused.value.received) == (expected, received)


@pytest.mark.parametrize(
    ("client_id", "scope", "expected"),
    [
        ("ours", None, True),
        ("https://client.example/metadata.json", "mcp/use", True),
        ("x", "openid mcp/use", True),
        ("x", "openid", False),
        ("x", ["mcp/use"], False),
        ("x", None, False),
        ("with space", "mcp/use", False),
        ("x" * 2048, "mcp/use", True),
        ("x" * 2049, "mcp/use", False),
        (5, "mcp/use", False),
    ],
)
def test_client_that_is_not_listed_needs_an_open_scope(
    client_id: object, scope: object, expected: bool
) -> None:
    payload = {"client_id": client_id, "scope": scope}
    try:
        assert client_id_of(payload, ACCESS, CLIENTS, OPEN) == client_id
    except WrongClient:
        assert not expected
    else:
        assert expected
