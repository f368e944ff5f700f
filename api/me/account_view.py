"""A view on the caller's account in the user pool."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from accounts import conf
from accounts.audit import trail
from accounts.rate_limits.limits import count_account_call
from api.caller import access_token_of, account_name_of, actor_of
from api.contract_view import ContractView
from api.me.refusals import translate
from api.permissions import OwnAccount
from cognito.errors import RequestRefused
from cognito.user_pool.self_service import SelfService


class AccountView(ContractView):
    """What its subclasses share: who may, whose account, and how Cognito's refusals are said."""

    permission_classes = (OwnAccount,)

    def account(self) -> SelfService:
        """The caller's account, by the token that they sent.

        Call it once for each request, after its input has been judged. Raises AccountLimitReached.
        """
        is_change = self.request.method not in SAFE_METHODS
        count_account_call(account_name_of(self.request), is_change=is_change)
        return SelfService(conf.pool_service(), access_token_of(self.request))

    def record(
        self,
        action: trail.Action,
        outcome: trail.Outcome = trail.Outcome.SUCCESS,
        *,
        detail: str = "",
    ) -> None:
        """One line in the audit trail."""
        trail.record(self.request, action, outcome, actor=actor_of(self.request), detail=detail)

    def handle_exception(self, exc: Exception) -> Response:
        """As any view, but for what the user pool refuses."""
        if isinstance(exc, RequestRefused):
            exc = translate(exc)
        return super().handle_exception(exc)
