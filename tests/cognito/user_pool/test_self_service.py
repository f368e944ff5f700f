"""What the methods do is tested through HTTP, in tests/api/me."""

from __future__ import annotations

from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.self_service import SelfService
from cognito.user_pool.service import PoolService


def test_the_token_is_not_in_what_is_printed_of_it() -> None:
    account = SelfService(PoolService("eu-west-1", clients=AWSClients()), "eyJ-an-access-token")

    assert "eyJ" not in f"{account} {account!r}"
