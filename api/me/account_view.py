"""The base of views of the caller's account in the user pool."""

from __future__ import annotations

from collections.abc import Sequence

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.response import Response

from accounts import conf
from accounts.audit import trail
from accounts.own_account.owner import Owner
from accounts.rate_limits.limits import count_account_call
from api.caller import access_token_of, account_name_of, actor_of, principal_of
from api.contract_view import ContractView
from api.me.refusals import translate
from api.permissions import OwnAccount
from cognito.errors import RequestRefused
from cognito.user_pool.self_service import SelfService


class AccountView(ContractView):
    """A view that needs OwnAccount, and translates Cognito's refusals."""

    permission_classes: Sequence[type[BasePermission]] = (OwnAccount,)

    def account(self) -> SelfService:
        """Return the caller's account, for calls with the caller's token.

        Call this once per request, after the input is validated. Raises LimitReached.
        """
        is_change = self.request.method not in SAFE_METHODS
        account = account_name_of(self.request)
        count_account_call(self.request, account, is_change=is_change)
        return SelfService(conf.pool_service(), access_token_of(self.request))

    def owner(self) -> Owner:
        """Return the caller as the owner of the account that the request changes."""
        caller = principal_of(self.request)
        return Owner(
            self.request,
            issuer=caller.issuer,
            sub=caller.sub,
            username=caller.username or caller.sub,
            find_actor=lambda: actor_of(self.request),
            pool=self.account,
        )

    def record(
        self,
        action: trail.Action,
        outcome: trail.Outcome = trail.Outcome.SUCCESS,
        *,
        detail: str = "",
    ) -> None:
        """Record an audit event."""
        trail.record(self.request, action, outcome, actor=actor_of(self.request), detail=detail)

    def handle_exception(self, exc: Exception) -> Response:
        """Translate refusals by the user pool, then continue as usual."""
        if isinstance(exc, RequestRefused):
            exc = translate(exc)
        return super().handle_exception(exc)
