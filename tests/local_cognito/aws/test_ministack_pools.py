"""Look-ups of users while another thread creates users."""
# ruff: noqa: SLF001

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from local_cognito.aws import ministack_pools


def test_lookup_is_repeated_if_a_user_is_created_meanwhile() -> None:
    users = {"ann": "Ann", "bob": "Bob"}

    def resolve(pool: dict[str, Any], name: str) -> Any:
        for key, user in pool.items():
            if key == name:
                return user, None
            # As another thread does, the first time.
            pool.setdefault("cem", "Cem")
        return None, "missing"

    cognito = SimpleNamespace(_resolve_user=resolve)
    ministack_pools.install(cognito)
    assert cognito._resolve_user(users, "bob") == ("Bob", None)
    assert cognito._resolve_user(users, "dan") == (None, "missing")
