"""Look-ups of users find the same user as MiniStack alone, after any changes."""
# ruff: noqa: SLF001

from __future__ import annotations

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from local_cognito.aws import user_index

Pool = dict[str, Any]
Resolve = Callable[[Pool, Any], Any]


def resolve(pool: Pool, name: Any) -> Any:
    """Find a user as MiniStack 1.5.33 does, in a pool whose users have a verified alias."""
    if name in pool["_users"]:
        return pool["_users"][name], None
    for attribute in ("sub", "email"):
        for user in pool["_users"].values():
            known = {one["Name"]: one["Value"] for one in user["Attributes"]}
            is_verified = attribute == "sub" or known.get("email_verified") == "true"
            if known.get(attribute) == name and is_verified:
                return user, None
    return None, "missing"


@pytest.fixture
def indexed() -> Resolve:
    cognito = SimpleNamespace(_resolve_user=resolve)
    user_index.install(cognito)
    return cognito._resolve_user  # type: ignore[no-any-return]


def user(sub: str, email: str, verified: str = "true") -> dict[str, Any]:
    known = {"sub": sub, "email": email, "email_verified": verified}
    return {"Attributes": [{"Name": name, "Value": known[name]} for name in known]}


def test_lookup_is_the_same_after_any_changes(indexed: Resolve) -> None:
    chance = random.Random(7)
    pool: Pool = {"Id": "pool", "_users": {}}
    names = [f"name{number}" for number in range(12)]
    for _ in range(3000):
        key = chance.choice(names[:6])
        if chance.random() < 0.3:
            pool["_users"].pop(key, None)
        else:
            verified = chance.choice(["true", "false"])
            changed = user(chance.choice(names), chance.choice(names), verified)
            if key in pool["_users"] and chance.random() < 0.5:
                pool["_users"][key]["Attributes"] = changed["Attributes"]
            else:
                pool["_users"][key] = changed
        if chance.random() < 0.02:
            # As after a restart, or after a reset with the same id.
            pool = {"Id": "pool", "_users": dict(pool["_users"])}
        for name in (*chance.sample(names, 3), "unknown", None):
            ours, theirs = indexed(pool, name), resolve(pool, name)
            assert ours[0] is theirs[0]
            assert ours[1] == theirs[1]


def test_pools_do_not_know_each_others_users(indexed: Resolve) -> None:
    pools: list[Pool] = [
        {"Id": f"pool{number}", "_users": {"ann": user(f"{number}", "ann@example.com")}}
        for number in range(40)
    ]
    for _ in range(2):
        for number, pool in enumerate(pools):
            assert indexed(pool, f"{number}")[0] is pool["_users"]["ann"]
            assert indexed(pool, f"{number + 1}") == (None, "missing")


def test_lookup_does_not_read_the_attributes_of_all_users() -> None:
    read = []

    def counting(pool: Pool, name: Any) -> Any:
        read.append(len(pool["_users"]))
        return resolve(pool, name)

    cognito = SimpleNamespace(_resolve_user=counting)
    user_index.install(cognito)
    users = {f"key{number}": user(f"sub{number}", f"{number}@example.com") for number in range(500)}
    pool: Pool = {"Id": "pool", "_users": users}
    assert cognito._resolve_user(pool, "sub7")[0] is users["key7"]
    assert cognito._resolve_user(pool, "8@example.com")[0] is users["key8"]
    assert cognito._resolve_user(pool, "unknown") == (None, "missing")
    assert read == [1, 1, 0]


def test_lookup_is_repeated_if_a_user_is_created_meanwhile() -> None:
    class Growing(dict[str, Any]):
        def items(self) -> Any:
            for one in super().items():
                yield one
                # As another thread does, the first time.
                self.setdefault("cem", user("3", "cem@example.com"))

    users = Growing(ann=user("1", "ann@example.com"), bob=user("2", "bob@example.com"))
    cognito = SimpleNamespace(_resolve_user=resolve)
    user_index.install(cognito)
    pool: Pool = {"Id": "pool", "_users": users}
    assert cognito._resolve_user(pool, "bob@example.com")[0] is users["bob"]
    assert cognito._resolve_user(pool, "cem@example.com")[0] is users["cem"]
