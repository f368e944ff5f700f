"""The user who changes their own account, on a page or through the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.audit import trail
from accounts.audit.subject import Named
from accounts.rate_limits.limits import account_name
from cognito.user_pool.self_service import SelfService


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Owner:
    """What the operations of this package need to know about the user and the request.

    Attributes:
        username: the name in the user pool, by which operators' calls find the user.
        find_actor: the user as the audit trail names them. It can need a query.
        pool: the user's account in the pool. It counts a call of the account and can need a refresh
            of the tokens, so call it once for each request, after the input is checked.
    """

    request: HttpRequest
    issuer: str
    sub: str
    username: str
    find_actor: Callable[[], Named]
    pool: Callable[[], SelfService]

    @property
    def name(self) -> str:
        """The name by which rate limits count the user."""
        return account_name(issuer=self.issuer, sub=self.sub)

    def record(
        self,
        action: trail.Action,
        outcome: trail.Outcome = trail.Outcome.SUCCESS,
        *,
        detail: str = "",
    ) -> None:
        """Record an audit event."""
        trail.record(self.request, action, outcome, actor=self.find_actor(), detail=detail)
