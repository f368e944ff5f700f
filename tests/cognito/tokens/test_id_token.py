"""Tests that an ID token is accepted only for its sign-in (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from cognito.errors import (
    BadSignature,
    InvalidClaim,
    MissingClaim,
    TokenExpired,
    WrongAccessToken,
    WrongClient,
    WrongNonce,
    WrongTokenUse,
)
from cognito.testing import WITHOUT, KeySetServer, TokenFactory, signing_key
from cognito.testing.token_factory import CLIENT_ID, MACHINE_CLIENT_ID
from cognito.tokens.verifier import SKIP, TokenVerifier

NONCE = "n-0S6_WzA2Mj"


def verified_sub(
    verifier: TokenVerifier, token: str, *, nonce: Any = NONCE, access_token: Any = SKIP
) -> str:
    return verifier.verify_id_token(
        token, client_id=CLIENT_ID, nonce=nonce, access_token=access_token
    ).sub


def test_id_token_of_this_sign_in_is_accepted(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    access_token = token_factory.access()
    id_token = token_factory.id_token(access_token=access_token, nonce=NONCE, azp=CLIENT_ID)
    sub = verified_sub(token_verifier, id_token, access_token=access_token)
    assert sub == token_factory.sub


def test_id_token_without_at_hash_is_accepted_with_an_access_token(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE)
    sub = verified_sub(token_verifier, id_token, access_token=token_factory.access())
    assert sub == token_factory.sub


@pytest.mark.parametrize("nonce", ["another", NONCE.upper(), NONCE + "x", NONCE[:-1], "n\u00f6"])
def test_nonce_of_another_sign_in_is_refused(
    nonce: str, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(WrongNonce):
        verified_sub(token_verifier, token_factory.id_token(nonce=nonce))


@pytest.mark.parametrize("nonce", ["", None, 1, True, [NONCE], {"nonce": NONCE}, NONCE + "\n"])
def test_malformed_nonce_is_refused(
    nonce: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(InvalidClaim):
        verified_sub(token_verifier, token_factory.id_token(nonce=nonce))


def test_missing_nonce_is_refused_unless_the_caller_skips_the_check(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token()
    with pytest.raises(MissingClaim):
        verified_sub(token_verifier, id_token)
    assert verified_sub(token_verifier, id_token, nonce=SKIP) == token_factory.sub


def test_empty_nonce_of_the_caller_raises(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(ValueError, match="nonce"):
        verified_sub(token_verifier, token_factory.id_token(nonce=""), nonce="")


def test_at_hash_of_another_token_is_refused_unless_the_caller_skips_the_check(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(access_token=token_factory.access(), nonce=NONCE)
    for other in (token_factory.access(), "", "caf\u00e9", "\ud800"):
        with pytest.raises(WrongAccessToken):
            verified_sub(token_verifier, id_token, access_token=other)
    assert verified_sub(token_verifier, id_token) == token_factory.sub


@pytest.mark.parametrize("at_hash", [None, 1, ["x"], {"a": 1}])
def test_at_hash_of_a_wrong_type_is_refused(
    at_hash: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE, at_hash=at_hash)
    with pytest.raises(InvalidClaim):
        verified_sub(token_verifier, id_token, access_token=token_factory.access())


@pytest.mark.parametrize("at_hash", ["", "x", "\u00e9", "A" * 22])
def test_at_hash_with_a_wrong_value_is_refused(
    at_hash: str, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE, at_hash=at_hash)
    with pytest.raises(WrongAccessToken):
        verified_sub(token_verifier, id_token, access_token=token_factory.access())


@pytest.mark.parametrize("azp", ["another", None, "", [CLIENT_ID], 1])
def test_other_authorized_party_is_refused(
    azp: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(WrongClient):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, azp=azp))


# The API accepts tokens of the machine client. A sign-in of the web client does not.
@pytest.mark.parametrize("aud", [MACHINE_CLIENT_ID, [CLIENT_ID], [CLIENT_ID, "b"], "", None])
def test_other_audience_is_refused(
    aud: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(WrongClient):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, aud=aud))


def test_id_token_must_pass_the_checks_of_all_tokens(
    token_verifier: TokenVerifier, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    attacker = TokenFactory(signing_key("attacker"))
    with pytest.raises(WrongTokenUse):
        verified_sub(token_verifier, token_factory.access(nonce=NONCE))
    with pytest.raises(TokenExpired):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, exp=1))
    with pytest.raises(MissingClaim):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, sub=WITHOUT))
    # These checks come first, and do not fetch a key.
    assert key_set_server.hits == 0
    with pytest.raises(BadSignature):
        verified_sub(
            token_verifier,
            attacker.id_token(nonce=NONCE, header={"kid": token_factory.key.kid}),
        )


def test_id_token_of_a_sign_in_is_not_cached(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE)
    assert verified_sub(token_verifier, id_token) == token_factory.sub
    with pytest.raises(WrongNonce):
        verified_sub(token_verifier, id_token, nonce="another")
