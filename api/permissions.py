"""Permissions by scopes of the token and groups of the user."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from api.principals import Principal, UserPrincipal
from api.refusals import InsufficientScope

# Our own scope. A client without it cannot manage its users' accounts through this API. Cognito's
# scope cannot make this distinction, because every token of a sign-in through Cognito's API has it.
ACCOUNT_SCOPE = "api/account"

# Cognito requires this scope in every call on the user's account.
# https://docs.aws.amazon.com/cognito/latest/developerguide/scopes-and-claims.html
COGNITO_SCOPE = "aws.cognito.signin.user.admin"


def HasScope(scope: str) -> type[BasePermission]:  # noqa: N802 - used like a class
    """Return a permission that requires `scope`: `permission_classes = [HasScope("api/read")]`.

    Users of a first-party client do not need the scope. Any other token without it gets 403
    `insufficient_scope`, and the response names the scope (RFC 6750 section 3.1).
    """
    return type(f"HasScope({scope})", (RequiresScope,), {"scope": scope})


def InGroup(*groups: str) -> type[BasePermission]:  # noqa: N802 - used like a class
    """Return a permission that requires one of `groups`. Names are case-sensitive."""
    return type(f"InGroup({', '.join(groups)})", (RequiresGroup,), {"groups": frozenset(groups)})


class PrincipalPermission(BasePermission):
    """A check of the principal alone. Without a principal it fails, and DRF answers 401."""

    def has_permission(
        self,
        request: Request,
        view: APIView,
    ) -> bool:
        """Return whether there is a principal, and it is permitted."""
        user: object = request.user
        return isinstance(user, Principal) and self.permits(user)

    def permits(self, principal: Principal) -> bool:
        """Return whether the principal is permitted. Raise an APIException to give details."""
        raise NotImplementedError


class RequiresScope(PrincipalPermission):
    """See `HasScope`."""

    scope: ClassVar[str]

    def permits(self, principal: Principal) -> bool:
        """Return True. Raise InsufficientScope if the scope is missing."""
        demand_scope(self.scope, principal)
        return True


class RequiresGroup(PrincipalPermission):
    """See `InGroup`."""

    message = "You are not in a group that may do this."
    code = "not_in_group"
    groups: ClassVar[frozenset[str]]

    def permits(self, principal: Principal) -> bool:
        """Return whether the principal is in one of the groups."""
        return not self.groups.isdisjoint(principal.groups)


class IsUser(PrincipalPermission):
    """Only users pass. A machine client has no profile, no password and no sessions."""

    message = "Machine clients cannot do this. Send the token of a user."
    code = "user_required"

    def permits(self, principal: Principal) -> bool:
        """Return whether the principal is a user."""
        return isinstance(principal, UserPrincipal)


class OwnAccount(IsUser):
    """Requires a user, ACCOUNT_SCOPE under the rules of `HasScope`, and COGNITO_SCOPE.

    First-party clients need COGNITO_SCOPE as well, because Cognito would refuse a token without it.
    """

    def permits(self, principal: Principal) -> bool:
        """Return whether it is a user. Raise InsufficientScope if a scope is missing."""
        if not super().permits(principal):
            return False
        demand_scope(ACCOUNT_SCOPE, principal)
        if COGNITO_SCOPE not in principal.scopes:
            raise InsufficientScope(COGNITO_SCOPE)
        return True


def demand_scope(scope: str, principal: Principal) -> None:
    """Raise InsufficientScope unless the principal fulfils `HasScope(scope)`."""
    if scope not in principal.scopes and not _is_first_party_user(principal):
        raise InsufficientScope(scope)


def _is_first_party_user(principal: Principal) -> bool:
    first_party: frozenset[str] = settings.COGNITO_FIRST_PARTY_CLIENT_IDS
    return isinstance(principal, UserPrincipal) and principal.claims.client_id in first_party
