"""How an operator's calls of the user pool's API are made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cognito.errors import NotAuthorized, WrongUserState
from cognito.user_pool.service import Operation, PoolService

# The most that the API gives at once.
MAX_PAGE = 60


@dataclass(frozen=True, slots=True)
class DirectoryCalls:
    """Calls about one pool, signed (`PoolService.is_signed`), each of them tried once."""

    service: PoolService
    user_pool_id: str

    def _call(self, operation: Operation, *, settable: Collection[str] = ()) -> Mapping[str, Any]:
        try:
            return self.service.call(operation, settable=settable)
        except NotAuthorized as error:
            # Of an operator's call it says this alone; a right that is missing is another error.
            raise WrongUserState(received=error.received) from None

    def _pool(self) -> dict[str, Any]:
        return {"UserPoolId": self.user_pool_id}

    def _named(self, username: str) -> dict[str, Any]:
        return {"UserPoolId": self.user_pool_id, "Username": username}
