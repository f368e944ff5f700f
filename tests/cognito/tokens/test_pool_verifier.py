"""The verifier of one user pool."""

from __future__ import annotations

import pytest

from cognito.errors import KeysUnavailable, WrongClient
from cognito.testing.key_set_server import KeySetServer
from cognito.testing.token_factory import CLIENT_ID, TokenFactory
from cognito.tokens.pool_verifier import pool_verifier

POOL = "eu-west-1_AbCdEfGhI"
ACCESS = frozenset({"access"})


def test_token_of_a_local_pool_is_verified(
    key_set_server: KeySetServer, token_factory: TokenFactory
) -> None:
    local = {"issuer": token_factory.issuer, "jwks_url": key_set_server.url}
    token = token_factory.access()
    verifier = pool_verifier(POOL, client_ids=CLIENT_ID, **local)
    assert verifier.verify(token, token_uses=ACCESS).client_id == CLIENT_ID
    verifier = pool_verifier(POOL, client_ids={"another"}, **local)
    with pytest.raises(WrongClient):
        verifier.verify(token, token_uses=ACCESS)


@pytest.mark.parametrize(
    ("pool", "issuer"),
    [
        (POOL, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"),
        ("us-gov-west-1_x", "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_x"),
        ("cn-north-1_x", "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_x"),
    ],
)
def test_id_of_a_pool_contains_its_issuer(
    pool: str, issuer: str, token_factory: TokenFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = []

    def fetch(method: str, url: str, **_: object) -> None:
        fetched.append(url)
        raise KeysUnavailable

    monkeypatch.setattr("cognito.tokens.key_source.exchange", fetch)
    with pytest.raises(KeysUnavailable):
        pool_verifier(pool, client_ids=[CLIENT_ID]).verify(
            token_factory.access(iss=issuer), token_uses=ACCESS
        )
    assert fetched == [f"{issuer}/.well-known/jwks.json"]


@pytest.mark.parametrize(
    "pool",
    [
        "",
        "eu-west-1",
        "eu-west-1_",
        "eu-west-1_a/b",
        "EU-west-1_a",
        "eu-west-1_a\n",
        "evil.example/eu-west-1_a",
    ],
)
def test_malformed_id_of_a_pool_is_refused(pool: str) -> None:
    with pytest.raises(ValueError, match="is not the id of a user pool"):
        pool_verifier(pool, client_ids=[CLIENT_ID])
