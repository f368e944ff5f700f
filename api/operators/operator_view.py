"""The base of views for operators."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.console.directory import rights
from accounts.console.directory.console import Console
from accounts.console.directory.current_operator import current_operator
from accounts.console.directory.operator import Operator
from accounts.not_allowed import NotAllowed
from api.caller import actor_of, claims_of
from api.contract_view import ContractView
from api.operators.permissions import IsOperator
from api.operators.refusals import NotSupported, translate
from api.permissions import HasScope
from api.recent_authentication import RequiresRecentAuthentication
from cognito.errors import OperationNotSupported, RequestRefused


class OperatorView(ContractView):
    """A view that acts with the rights of an operator, and translates refusals.

    An operator can sign in to any client of the pool. A separate scope keeps clients of third
    parties from getting an operator's rights with the token. Reading requires the scope as well,
    because the user pool contains the data of all users.
    """

    permission_classes = (IsOperator, HasScope("api/operate"))
    # The methods that need a recent sign-in.
    needs_recent_sign_in: ClassVar[frozenset[str]] = frozenset()
    # The operator with the current rights in the user pool. None if they were not loaded.
    _operator: Operator | None = None

    def get_permissions(self) -> list[Any]:
        """Return the permissions, and that of a recent sign-in for the methods that need one."""
        permissions = [*super().get_permissions()]
        if self.request.method in self.needs_recent_sign_in:
            permissions.append(RequiresRecentAuthentication())
        return permissions

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check permissions by the token, and for writes the current rights in the user pool."""
        super().initial(request, *args, **kwargs)
        is_write = request.method not in SAFE_METHODS and request.method in self.allowed_methods
        if is_write or settings.COGNITO_STAFF_REQUIRE_MFA:
            self._operator = current_operator(_django_request(request), actor_of(request))

    def console(self) -> Console:
        """Return the console with the operator's rights: current ones if loaded, or the token's."""
        operator = self._operator
        if operator is None:
            groups = claims_of(self.request).groups
            operator = Operator(actor_of(self.request), rights.of_group_names(groups))
        return Console.of(_django_request(self.request), operator)

    def handle_exception(self, exc: Exception) -> Response:
        """Translate refusals by our rules and by the user pool, then continue as usual."""
        if isinstance(exc, NotAllowed | RequestRefused):
            exc = translate(exc)
        elif isinstance(exc, OperationNotSupported):
            exc = NotSupported(str(exc), code=exc.code)
        return super().handle_exception(exc)


def _django_request(request: Request) -> HttpRequest:
    # DRF's request has all attributes of Django's that the audit trail reads.
    return cast("HttpRequest", request)
