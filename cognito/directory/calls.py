"""The base class of the operators' calls to the user pool API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cognito.errors import NotAuthorized, WrongUserState
from cognito.user_pool.service import Operation, PoolService

# The API returns at most this many entries on a page.
MAX_PAGE = 60


@dataclass(frozen=True, slots=True)
class DirectoryCalls:
    """Signed calls (`PoolService.is_signed`) to one pool. None of them is repeated."""

    service: PoolService
    user_pool_id: str

    def _call(self, operation: Operation, *, settable: Collection[str] = ()) -> Mapping[str, Any]:
        try:
            return self.service.call(operation, settable=settable)
        except NotAuthorized as error:
            # For an operator's call it has only this meaning: a missing IAM permission is another
            # error.
            raise WrongUserState(received=error.received) from None

    def _pool(self) -> dict[str, Any]:
        return {"UserPoolId": self.user_pool_id}

    def _named(self, username: str) -> dict[str, Any]:
        return {"UserPoolId": self.user_pool_id, "Username": username}
