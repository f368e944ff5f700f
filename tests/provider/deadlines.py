"""Deadlines short enough for many tests to wait for.

That each is kept is tried with these; how long they really are, with the real ones, once for each
promise.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts import conf, sign_outs
from accounts.views import own_account
from api.auth import tokens
from api.me import account_view
from cognito import hosted_ui, key_source
from cognito.user_pool import UserPool

SHORT = 0.4
# With all that an answer takes besides, on a machine that has other things to do. Two deadlines in
# a row may be met within it, a real one not.
WITHIN = 1.2


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every call of Cognito: by the browser's side, and by the API's."""
    user_pool = conf.user_pool

    def impatient() -> UserPool:
        return replace(user_pool(), deadline_seconds=SHORT)

    monkeypatch.setattr(conf, "user_pool", impatient)
    defaults = {**(conf.pool_service.__kwdefaults__ or {}), "deadline_seconds": SHORT}
    monkeypatch.setattr(conf.pool_service, "__kwdefaults__", defaults)
    for module, name in (
        (hosted_ui, "TOKEN_DEADLINE_SECONDS"),
        (key_source, "FETCH_SECONDS"),
        (sign_outs, "SECOND_CALL_SECONDS"),
        (own_account, "CALL_SECONDS"),
        (account_view, "CALL_SECONDS"),
        (tokens, "CALL_SECONDS"),
    ):
        monkeypatch.setattr(module, name, SHORT)
