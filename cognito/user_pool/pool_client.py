"""The parameters that identify the app client in calls for users who are not signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cognito.app_client import AppClient
from cognito.user_pool.service import PoolService


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PoolClient:
    """An app client and the service that it calls."""

    service: PoolService
    app_client: AppClient

    def identified(self, username: str) -> dict[str, Any]:
        """Return the parameters that identify the app client in a call about `username`."""
        parameters = {"ClientId": self.app_client.id, "Username": username}
        if self.app_client.secret:
            parameters["SecretHash"] = self.app_client.secret_hash(username)
        return parameters

    def auth_parameters(self, username: str) -> dict[str, str]:
        """Return the same parameters by the names that a sign-in and its challenges use."""
        parameters = {"USERNAME": username}
        if self.app_client.secret:
            parameters["SECRET_HASH"] = self.app_client.secret_hash(username)
        return parameters
