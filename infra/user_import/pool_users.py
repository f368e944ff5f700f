"""The users of a pool, and which of them came from the other site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.errors import InfraError


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

    @property
    def is_unconfirmed(self) -> bool:
        """Return whether it is a sign-up whose address is not confirmed yet."""
        return self.status == "UNCONFIRMED"


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


def require_own_attribute(cognito: Any, user_pool_id: str, id_attribute: str) -> None:
    """Raise InfraError if users can write the attribute that binds them to former rows."""
    for page in cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=user_pool_id):
        for named in page["UserPoolClients"]:
            client = cognito.describe_user_pool_client(
                UserPoolId=user_pool_id, ClientId=named["ClientId"]
            )["UserPoolClient"]
            # Without a list, an app client can write standard attributes only.
            if f"custom:{id_attribute}" in client.get("WriteAttributes", []):
                raise InfraError(
                    f"Users of the app client {client['ClientName']} can write the attribute "
                    f"custom:{id_attribute}, so they could choose whose row they get. Remove it "
                    "from the client's WriteAttributes."
                )
