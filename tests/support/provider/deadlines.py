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
from cognito.user_pool.service import PoolService

SHORT = 0.5
# With all that an answer takes besides, on a machine that has other things to do. Two deadlines in
# a row may be met within it, a real one not.
WITHIN = 1.4


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten what a request may wait for Cognito, in all and in the first of two calls."""
    # What a process loads once would use up a time so short.
    assert get_resolver().url_patterns
    with suppress(CognitoUnavailable):
        PoolService("eu-west-1", "http://127.0.0.1:9").call(
            lambda api: api.get_user(AccessToken="a")
        )
    for name in ("REQUEST", "SIGN_IN"):
        budget: Budget = getattr(deadlines, name)
        monkeypatch.setattr(deadlines, name, Budget(calls=SHORT, database=budget.database))
    monkeypatch.setattr(deadlines, "SHARED_CALL_SECONDS", SHORT / 2)
