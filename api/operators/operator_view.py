"""A view for operators."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.console.directory import rights
from accounts.console.directory.console import Console
from accounts.console.directory.current_operator import current_operator
from accounts.console.directory.errors import NotAllowed
from accounts.console.directory.operator import Operator
from api.caller import actor_of, claims_of
from api.contract_view import ContractView
from api.operators.permissions import IsOperator
from api.operators.refusals import translate
from api.permissions import HasScope
from cognito.errors import RequestRefused


class OperatorView(ContractView):
    """What its subclasses share: who may, as whom they act, and how refusals are said.

    An operator may sign in to any client of the pool. So that no third party's client gets an
    operator's rights along with the token, it needs a scope that is given for nothing else. Reading
    the directory needs it as well: it holds every user's data.
    """

    permission_classes = (IsOperator, HasScope("api/operate"))
    # As the user pool has them now, if it was asked.
    _operator: Operator | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check permissions by the token, and for a write the operator's rights at the pool."""
        super().initial(request, *args, **kwargs)
        is_write = request.method not in SAFE_METHODS and request.method in self.allowed_methods
        if is_write or settings.COGNITO_STAFF_REQUIRE_MFA:
            self._operator = current_operator(_django_request(request), actor_of(request))

    def console(self) -> Console:
        """The directory with the operator's rights: the pool's for a write, the token's to read."""
        operator = self._operator
        if operator is None:
            groups = claims_of(self.request).groups
            operator = Operator(actor_of(self.request), rights.of_group_names(groups))
        return Console.of(_django_request(self.request), operator)

    def handle_exception(self, exc: Exception) -> Response:
        """As any view, but for what the rules and the user pool refuse."""
        if isinstance(exc, NotAllowed | RequestRefused):
            exc = translate(exc)
        return super().handle_exception(exc)


def _django_request(request: Request) -> HttpRequest:
    """DRF's request has everything that the audit trail reads of Django's."""
    return cast("HttpRequest", request)
