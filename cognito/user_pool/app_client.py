"""The user pool's API as one app client speaks to it, for users who are not signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cognito.user_pool.secret_hash import secret_hash
from cognito.user_pool.service import PoolService


@dataclass(frozen=True, slots=True)
class PoolClient:
    """An app client and the service it calls. `client_secret` is empty for a public client."""

    service: PoolService
    client_id: str
    client_secret: str = field(repr=False)

    def naming(self, username: str) -> dict[str, Any]:
        """The parameters of a call about `username` that say who is calling."""
        parameters = {"ClientId": self.client_id, "Username": username}
        if self.client_secret:
            parameters["SecretHash"] = self._hash(username)
        return parameters

    def signing_in(self, username: str) -> dict[str, str]:
        """The same as a sign-in and its challenges spell it."""
        parameters = {"USERNAME": username}
        if self.client_secret:
            parameters["SECRET_HASH"] = self._hash(username)
        return parameters

    def _hash(self, username: str) -> str:
        return secret_hash(
            username=username, client_id=self.client_id, client_secret=self.client_secret
        )
