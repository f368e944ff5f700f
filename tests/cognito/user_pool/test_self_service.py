"""Tests of a user's own account. tests/api/me tests the methods through HTTP."""

from __future__ import annotations

from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.self_service import SelfService
from cognito.user_pool.service import PoolService


def test_representation_does_not_contain_the_token() -> None:
    account = SelfService(PoolService("eu-west-1", clients=AWSClients()), "eyJ-an-access-token")

    assert "eyJ" not in f"{account} {account!r}"
