"""Fixtures shared with the console, because both have the same operators."""

from __future__ import annotations

from tests.accounts.console.conftest import (
    new_api,
    new_group,
    new_user,
    operator,
    pool,
    root_group,
    superuser,
)

__all__ = ["new_api", "new_group", "new_user", "operator", "pool", "root_group", "superuser"]
