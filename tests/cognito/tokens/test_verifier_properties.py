"""Tests that the verifier answers any input with claims or a TokenError, and quickly."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cognito.errors import TokenError
from cognito.testing import TokenFactory, signing_key
from cognito.testing.key_set_faults import key_set
from cognito.testing.token_factory import CLIENT_ID, ISSUER
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.wire import base64url
from tests.support.clock import least_seconds

POOL = signing_key("pool")
FACTORY = TokenFactory(POOL, clock=lambda: 1_800_000_000)
KEYS = key_set([POOL.jwk()])
VERIFIER = TokenVerifier(
    [
        TrustedIssuer(
            issuer=ISSUER,
            client_ids=frozenset({CLIENT_ID}),
            keys=KeySource("unused", initial=KEYS.decode(), fetch=lambda _: KEYS),
        )
    ],
    clock=lambda: 1_800_000_000,
)
BOTH = frozenset({"access", "id"})
GOOD = FACTORY.access()
HEADER, PAYLOAD, SIGNATURE = GOOD.split(".")

thorough = settings(max_examples=400, deadline=None)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def judge(token: str) -> bool:
    """Return whether the token is accepted. Fail on any other error, and if it takes too long."""
    verdicts: list[bool] = []
    assert least_seconds(lambda: verdicts.append(_judge(token)), enough=0.05) < 0.05
    assert len(set(verdicts)) == 1
    return verdicts[0]


def _judge(token: str) -> bool:
    with pytest.raises(TokenError):
        VERIFIER.verify_id_token(token, client_id=CLIENT_ID, nonce="n", access_token=token)
    try:
        VERIFIER.verify(token, token_uses=BOTH)
    except TokenError:
        return False
    return True


@given(st.binary(max_size=300))
@thorough
def test_random_bytes_are_refused(data: bytes) -> None:
    assert not judge(data.decode("latin-1"))


@given(st.text(max_size=200))
@example("\ud800.\udfff.x")
@thorough
def test_random_text_is_refused(text: str) -> None:
    assert not judge(text)


@given(
    st.lists(st.sampled_from([HEADER, PAYLOAD, SIGNATURE, "", "e30", "=", "bnVsbA"]), max_size=6)
)
@thorough
def test_other_arrangement_of_the_parts_is_refused(parts: list[str]) -> None:
    assert judge(".".join(parts)) == (parts == [HEADER, PAYLOAD, SIGNATURE])


@given(st.integers(0, len(GOOD) - 1), st.characters())
@thorough
def test_token_with_a_changed_character_is_refused(position: int, character: str) -> None:
    token = GOOD[:position] + character + GOOD[position + 1 :]
    assert judge(token) == (token == GOOD)


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.text(max_size=3))
@thorough
def test_token_with_removed_or_inserted_text_is_refused(start: int, end: int, text: str) -> None:
    token = GOOD[:start] + text + GOOD[end:]
    assert judge(token) == (token == GOOD)


@given(st.binary(max_size=60), st.binary(max_size=60))
@thorough
def test_signed_random_header_or_payload_is_refused(header: bytes, payload: bytes) -> None:
    assert not judge(FACTORY.forged(header, payload))
    assert not judge(FACTORY.forged(base64url.decode(HEADER.encode()), payload))


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "cty", "crit", "b64"]), anything))
@thorough
def test_signed_random_header_members_are_refused(header: dict[str, object]) -> None:
    # json.dumps also writes NaN and single surrogates.
    payload = base64url.decode(PAYLOAD.encode())
    assert not judge(FACTORY.forged(json.dumps(header).encode(), payload))


CLAIMS = [
    *["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "at_hash", "token_use"],
    *[
        "client_id",
        "username",
        "cognito:username",
        "cognito:groups",
        "scope",
        "origin_jti",
        "email",
        "act",
    ],
]
members_of_an_actor = st.dictionaries(
    st.sampled_from(["sub", "iss", "client_id", "act", "more"]), anything, max_size=4
)


def with_inner(inner: object) -> dict[str, object]:
    return {"sub": "agent", "act": inner}


@given(st.dictionaries(st.sampled_from(CLAIMS), anything, max_size=4))
@thorough
def test_signed_random_claims_are_refused_or_can_be_read(
    changes: dict[str, object],
) -> None:
    for token in (FACTORY.access(changes), FACTORY.id_token(changes)):
        if judge(token):
            claims = VERIFIER.verify(token, token_uses=BOTH)
            assert claims.issuer == ISSUER
            assert claims.client_id == CLIENT_ID
            assert 0 < len(claims.sub) <= 255
            assert all(isinstance(name, str) and name for name in claims.groups | claims.scopes)
            assert claims.is_machine in {True, False}
            for label in (claims.email, claims.name, claims.jti, claims.nonce, claims.username):
                assert label is None or isinstance(label, str)


@given(st.recursive(members_of_an_actor, lambda inner: st.builds(with_inner, inner), max_leaves=6))
@thorough
def test_signed_random_actors_are_refused_or_identify_each_party(act: object) -> None:
    token = FACTORY.access(act=act)
    if judge(token):
        claims = VERIFIER.verify(token, token_uses=BOTH)
        assert 1 <= len(claims.actors) <= 3
        assert all(0 < len(actor.sub) <= 255 for actor in claims.actors)
        assert claims.actor == claims.actors[0]


@pytest.mark.parametrize("opening", ["[", '{"a":', '"\\u0061', "9", '{"a":1,', "\\", '"', "1e9"])
@pytest.mark.parametrize("segment", ["header", "payload"])
def test_long_repetitive_token_is_refused_quickly(opening: str, segment: str) -> None:
    text = (opening * 12_000)[:11_900].encode()
    encoded = base64url.encode(text).decode()
    token = f"{encoded}.e30.AAAA" if segment == "header" else f"{HEADER}.{encoded}.AAAA"
    assert 15_000 < len(token) <= 16_384
    assert not judge(token)
    for filler in ("A", ".", "=", "-"):
        assert not judge(filler * 16_384)
        assert not judge(filler * 10_000_000)
