"""Deadlines that are short enough for many tests to wait for.

Tests check with these that each call has a deadline. A few tests check the real deadlines.
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.urls import get_resolver

from cognito import deadlines
from cognito.deadlines import Budget
from cognito.errors import CognitoUnavailable
from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.service import PoolService

SHORT = 0.5
# Without the deadline of the request, a call of the user pool that hangs takes 4.5 s, and any other
# call takes LONG. Tests count how often a request waits, and do not measure it.
WITHIN = 4.0
LONG = 30.0


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch, aws_clients: AWSClients) -> None:
    """Shorten the deadline of a request, and the share of the first of two calls.

    The deadlines of single calls become long, so that only the deadline of the request ends a wait.
    """
    # Load modules and data first, because loading them would exceed such a short deadline.
    assert get_resolver().url_patterns
    with suppress(CognitoUnavailable):
        PoolService("eu-west-1", "http://127.0.0.1:9", clients=aws_clients).call(
            lambda api: api.get_user(AccessToken="a")
        )
    for name in ("REQUEST", "SIGN_IN"):
        budget: Budget = getattr(deadlines, name)
        monkeypatch.setattr(deadlines, name, Budget(calls=SHORT, database=budget.database))
    monkeypatch.setattr(deadlines, "SHARED_CALL_SECONDS", SHORT / 2)
    for name in ("TOKEN_CALL_SECONDS", "KEY_SET_SECONDS"):
        monkeypatch.setattr(deadlines, name, LONG)
