"""The short check of usual tokens agrees with the complete checks about every token."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from cognito.errors import TokenError
from cognito.testing import WITHOUT, TokenFactory, signing_key
from cognito.testing.token_factory import CLIENT_ID, ISSUER
from cognito.tokens import verifier
from cognito.tokens.claims import Claims
from cognito.tokens.key_source import KeySource
from cognito.tokens.usual_claims import usual_claims
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.wire import base64url
from tests.cognito.tokens.compare_verifiers import CLAIMS, NOW, VALUES

POOL = signing_key("pool")
FACTORY = TokenFactory(POOL, clock=lambda: NOW)
KEYS = KeySource("unused", initial=json.dumps({"keys": [POOL.jwk()]}))
AUDIENCE = "https://api.example.com"
CLIENTS = frozenset({CLIENT_ID})
EVERY_CLAIM = (*CLAIMS, "aud", "act")
EVERY_VALUE = (*VALUES, AUDIENCE, {"sub": "agent"})


def outcome(token: str, trusted: TrustedIssuer) -> str:
    # A verifier of its own for each token, so that none is in the cache.
    judge = TokenVerifier([trusted], clock=lambda: NOW)
    try:
        return repr(tuple(judge.verify(token, token_uses=frozenset({"access", "id"}))))
    except TokenError as error:
        return type(error).__name__


def changes() -> list[dict[str, Any]]:
    """Return every claim with every value, and some pairs of them."""
    single = [{name: value} for name in EVERY_CLAIM for value in EVERY_VALUE]
    draw = random.Random(0)
    return [{}, *single, *(draw.choice(single) | draw.choice(single) for _ in range(500))]


@pytest.mark.slow
@pytest.mark.parametrize("requires_audience", [False, True])
def test_verdict_is_that_of_the_complete_checks(
    requires_audience: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = TrustedIssuer(
        issuer=ISSUER,
        client_ids=CLIENTS,
        keys=KEYS,
        audience=AUDIENCE,
        requires_audience=requires_audience,
    )
    bound = {"aud": AUDIENCE} if requires_audience else {}
    tokens = [FACTORY.access(bound | one) for one in changes()]
    short = [outcome(token, trusted) for token in tokens]
    monkeypatch.setattr(verifier, "usual_claims", lambda *_: None)
    complete = [outcome(token, trusted) for token in tokens]
    assert short == complete
    assert len(Counter(complete)) > 20


def checked(now: float = NOW, **claims: Any) -> Claims | None:
    payload_json = base64url.decode(FACTORY.access(claims).split(".")[1].encode())
    return usual_claims(json.loads(payload_json), payload_json, ISSUER, CLIENTS, now)


# These repeat the limits, because a test that imports them would accept any.
@pytest.mark.parametrize(
    ("now", "claims"),
    [
        (0, {"iat": 0, "exp": 900}),
        (NOW, {"iat": NOW + 60, "exp": NOW + 900}),
        (NOW, {"iat": NOW, "exp": NOW + 24 * 3600 + 1800}),
        (NOW, {"exp": NOW + 1}),
        (2**53 - 900, {"iat": 2**53 - 900, "exp": 2**53 - 1}),
        (NOW, {"sub": "a" * 85, "username": "b" * 85, "origin_jti": "c" * 85}),
    ],
    ids=["1970", "clock skew", "lifetime", "last second", "latest date", "long names"],
)
def test_short_check_accepts_each_claim_at_its_limit(now: float, claims: dict[str, Any]) -> None:
    assert checked(now, **claims) is not None


@pytest.mark.parametrize(
    ("now", "claims"),
    [
        (NOW, {"iat": NOW + 61, "exp": NOW + 900}),
        (NOW, {"iat": NOW, "exp": NOW + 24 * 3600 + 1801}),
        (NOW, {"exp": NOW}),
        (2**53 - 900, {"iat": 2**53 - 900, "exp": 2**53}),
        (NOW, {"sub": "a" * 86, "username": "b" * 85, "origin_jti": "c" * 85}),
        (NOW, {"username": "Ada Lovelace"}),
        (NOW, {"nbf": NOW}),
        (NOW, {"aud": AUDIENCE}),
        (NOW, {"act": {"sub": "agent"}}),
    ],
    ids=[
        *("clock skew", "lifetime", "expired", "latest date", "long names"),
        *("space", "nbf", "aud", "act"),
    ],
)
def test_short_check_leaves_other_claims_to_the_complete_checks(
    now: float, claims: dict[str, Any]
) -> None:
    assert checked(now, **claims) is None


@pytest.mark.parametrize("groups", [["editors"], WITHOUT], ids=["groups", "none"])
def test_token_as_cognito_writes_it_takes_the_short_check(groups: Any) -> None:
    token = FACTORY.access({"cognito:groups": groups})
    payload_json = base64url.decode(token.split(".")[1].encode())
    claims = usual_claims(json.loads(payload_json), payload_json, ISSUER, CLIENTS, NOW)
    assert claims is not None
    assert claims.is_listed_client
    assert claims.groups == ({"editors"} if groups == ["editors"] else set())
