"""Deadlines short enough for many tests to wait for.

That each is kept is tried with these; how long they really are, with the real ones, once for each
promise.
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
# Without the request's budget, a call of the user pool that hangs takes 4.5 s, and any other call
# takes LONG. How often a request waits is counted, not timed.
WITHIN = 4.0
LONG = 30.0


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch, aws_clients: AWSClients) -> None:
    """Shorten what a request may wait for Cognito, in all and in the first of two calls.

    The limits of single calls become long, so that only the request's own budget ends a wait.
    """
    # What a process loads once would use up a time so short.
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
