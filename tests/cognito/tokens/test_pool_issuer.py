"""Tests of the names of a user pool's issuer."""

from __future__ import annotations

import pytest

from cognito.tokens.pool_issuer import PoolIssuer


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "cognito-idp.eu-west-1.amazonaws.com"),
        ("cn-north-1", "cognito-idp.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_pool_on_aws_has_two_names(region: str, host: str) -> None:
    issuer = PoolIssuer.of_pool(region=region, user_pool_id="pool")
    older, newer = f"https://{host}/pool", f"https://issuer-{host}/pool"
    assert issuer.names == (older, newer)
    assert PoolIssuer(newer).names == (newer, older)


@pytest.mark.parametrize(
    "name",
    [
        "http://localhost:4566/pool",
        "https://cognito-idp.example.com/pool",
        "http://cognito-idp.eu-west-1.amazonaws.com/pool",
        "https://cognito-idp.eu-west-1.amazonaws.com.evil.example/pool",
    ],
)
def test_issuer_outside_cognito_has_one_name(name: str) -> None:
    assert PoolIssuer(name).names == (name,)
