"""The users of a pool, and which of them came from the other site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PoolUser:
    """A user of the pool.

    Attributes:
        former_id: the primary key at the other site; empty for a user who did not come from there.
    """

    username: str
    sub: str
    email: str
    former_id: str
    status: str


def list_users(cognito: Any, user_pool_id: str, *, id_attribute: str) -> list[PoolUser]:
    found = []
    for page in cognito.get_paginator("list_users").paginate(UserPoolId=user_pool_id):
        for user in page["Users"]:
            known = {one["Name"]: one.get("Value", "") for one in user["Attributes"]}
            found.append(
                PoolUser(
                    user["Username"],
                    known["sub"],
                    known.get("email", "").lower(),
                    known.get(f"custom:{id_attribute}", ""),
                    user["UserStatus"],
                )
            )
    return found
