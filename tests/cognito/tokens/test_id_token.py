"""An ID token answers one sign-in (OpenID Connect Core 3.1.3.7)."""

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


def test_the_id_token_of_this_sign_in_is_accepted(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    access_token = token_factory.access()
    id_token = token_factory.id_token(access_token=access_token, nonce=NONCE, azp=CLIENT_ID)
    sub = verified_sub(token_verifier, id_token, access_token=access_token)
    assert sub == token_factory.sub


def test_an_id_token_without_at_hash_is_accepted_beside_an_access_token(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE)
    sub = verified_sub(token_verifier, id_token, access_token=token_factory.access())
    assert sub == token_factory.sub


@pytest.mark.parametrize("nonce", ["another", NONCE.upper(), NONCE + "x", NONCE[:-1], "n\u00f6"])
def test_another_nonce_is_refused(
    nonce: str, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(WrongNonce):
        verified_sub(token_verifier, token_factory.id_token(nonce=nonce))


@pytest.mark.parametrize("nonce", ["", None, 1, True, [NONCE], {"nonce": NONCE}, NONCE + "\n"])
def test_a_nonce_of_another_form_is_refused(
    nonce: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(InvalidClaim):
        verified_sub(token_verifier, token_factory.id_token(nonce=nonce))


def test_a_missing_nonce_is_refused_unless_the_check_is_skipped_by_name(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token()
    with pytest.raises(MissingClaim):
        verified_sub(token_verifier, id_token)
    assert verified_sub(token_verifier, id_token, nonce=SKIP) == token_factory.sub


def test_an_empty_nonce_is_a_mistake_of_the_caller(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(ValueError, match="nonce"):
        verified_sub(token_verifier, token_factory.id_token(nonce=""), nonce="")


def test_at_hash_of_another_access_token_is_refused_unless_the_check_is_skipped_by_name(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(access_token=token_factory.access(), nonce=NONCE)
    for other in (token_factory.access(), "", "caf\u00e9", "\ud800"):
        with pytest.raises(WrongAccessToken):
            verified_sub(token_verifier, id_token, access_token=other)
    assert verified_sub(token_verifier, id_token) == token_factory.sub


@pytest.mark.parametrize("at_hash", [None, 1, ["x"], {"a": 1}])
def test_at_hash_of_another_type_is_refused(
    at_hash: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE, at_hash=at_hash)
    with pytest.raises(InvalidClaim):
        verified_sub(token_verifier, id_token, access_token=token_factory.access())


@pytest.mark.parametrize("at_hash", ["", "x", "\u00e9", "A" * 22])
def test_at_hash_of_another_value_is_refused(
    at_hash: str, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE, at_hash=at_hash)
    with pytest.raises(WrongAccessToken):
        verified_sub(token_verifier, id_token, access_token=token_factory.access())


@pytest.mark.parametrize("azp", ["another", None, "", [CLIENT_ID], 1])
def test_another_authorized_party_is_refused(
    azp: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(WrongClient):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, azp=azp))


# The API takes tokens of the second; a sign-in of the first does not.
@pytest.mark.parametrize("aud", [MACHINE_CLIENT_ID, [CLIENT_ID], [CLIENT_ID, "b"], "", None])
def test_another_audience_is_refused(
    aud: object, token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    with pytest.raises(WrongClient):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, aud=aud))


def test_every_other_check_is_made_too(
    token_verifier: TokenVerifier, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    stranger = TokenFactory(signing_key("attacker"))
    with pytest.raises(WrongTokenUse):
        verified_sub(token_verifier, token_factory.access(nonce=NONCE))
    with pytest.raises(TokenExpired):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, exp=1))
    with pytest.raises(MissingClaim):
        verified_sub(token_verifier, token_factory.id_token(nonce=NONCE, sub=WITHOUT))
    # None of these was worth a key.
    assert key_set_server.hits == 0
    with pytest.raises(BadSignature):
        verified_sub(
            token_verifier,
            stranger.id_token(nonce=NONCE, header={"kid": token_factory.key.kid}),
        )


def test_an_id_token_of_a_sign_in_is_verified_each_time(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    id_token = token_factory.id_token(nonce=NONCE)
    assert verified_sub(token_verifier, id_token) == token_factory.sub
    with pytest.raises(WrongNonce):
        verified_sub(token_verifier, id_token, nonce="another")
