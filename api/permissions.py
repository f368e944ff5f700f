"""What a principal may do: scopes of the token, groups of the user."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from api.principals import Principal, UserPrincipal
from api.refusals import InsufficientScope

# Our own scope: a client without it does not touch its users' accounts here. Cognito's scope cannot
# say so, because every token of a sign-in through Cognito's API carries that one.
ACCOUNT_SCOPE = "api/account"

# Cognito refuses a token without it in every call on the user's account.
# https://docs.aws.amazon.com/cognito/latest/developerguide/scopes-and-claims.html
COGNITO_SCOPE = "aws.cognito.signin.user.admin"


def HasScope(scope: str) -> type[BasePermission]:  # noqa: N802 - stands where a class does
    """A permission that demands `scope`, as in `permission_classes = [HasScope("api/read")]`.

    Users of a first-party client pass without it; every other token must carry it, and gets 403
    `insufficient_scope` with the scope named (RFC 6750 section 3.1) otherwise.
    """
    return type(f"HasScope({scope})", (RequiresScope,), {"scope": scope})


def InGroup(*groups: str) -> type[BasePermission]:  # noqa: N802 - stands where a class does
    """A permission that demands membership in one of `groups`: exact names, in exact case."""
    return type(f"InGroup({', '.join(groups)})", (RequiresGroup,), {"groups": frozenset(groups)})


class PrincipalPermission(BasePermission):
    """Asks about the principal alone. Without one it is False, which DRF answers with 401."""

    def has_permission(
        self,
        request: Request,
        view: APIView,
    ) -> bool:
        """Whether there is a principal, and it may."""
        user: object = request.user
        return isinstance(user, Principal) and self.permits(user)

    def permits(self, principal: Principal) -> bool:
        """Whether the principal may. Raises an APIException if plain 403 would say too little."""
        raise NotImplementedError


class RequiresScope(PrincipalPermission):
    """See `HasScope`."""

    scope: ClassVar[str]

    def permits(self, principal: Principal) -> bool:
        """True, or InsufficientScope is raised."""
        demand_scope(self.scope, principal)
        return True


class RequiresGroup(PrincipalPermission):
    """See `InGroup`."""

    message = "You are not in a group that may do this."
    code = "not_in_group"
    groups: ClassVar[frozenset[str]]

    def permits(self, principal: Principal) -> bool:
        """Whether the principal is in one of the groups."""
        return not self.groups.isdisjoint(principal.groups)


class IsUser(PrincipalPermission):
    """People only: a machine client has no profile, no password and no sessions."""

    message = "This is for users, not for machine clients."
    code = "user_required"

    def permits(self, principal: Principal) -> bool:
        """Whether the principal is a person."""
        return isinstance(principal, UserPrincipal)


class OwnAccount(IsUser):
    """A user whose token carries ACCOUNT_SCOPE, as `HasScope` demands it, and COGNITO_SCOPE.

    COGNITO_SCOPE makes no exception for first-party clients: Cognito would refuse the token.
    """

    def permits(self, principal: Principal) -> bool:
        """Whether it is a user. Raises InsufficientScope for one whose token lacks a scope."""
        if not super().permits(principal):
            return False
        demand_scope(ACCOUNT_SCOPE, principal)
        if COGNITO_SCOPE not in principal.scopes:
            raise InsufficientScope(COGNITO_SCOPE)
        return True


def demand_scope(scope: str, principal: Principal) -> None:
    """Raise InsufficientScope unless `HasScope(scope)` lets the principal pass."""
    if scope not in principal.scopes and not _is_first_party_user(principal):
        raise InsufficientScope(scope)


def _is_first_party_user(principal: Principal) -> bool:
    first_party: frozenset[str] = settings.COGNITO_FIRST_PARTY_CLIENT_IDS
    return isinstance(principal, UserPrincipal) and principal.claims.client_id in first_party
