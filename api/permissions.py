"""Permissions by scopes of the token and groups of the user."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from api.principals import Principal, SessionPrincipal, UserPrincipal
from api.refusals import InsufficientScope
from cognito.tokens.claims import SELF_SERVICE_SCOPE

# Our own scope. A client without it cannot manage its users' accounts through this API. Cognito's
# scope cannot make this distinction, because every token of a sign-in through Cognito's API has it.
ACCOUNT_SCOPE = "api/account"

COGNITO_SCOPE = SELF_SERVICE_SCOPE


def HasScope(scope: str) -> type[BasePermission]:  # noqa: N802 - used like a class
    """Return a permission that requires `scope`: `permission_classes = [HasScope("api/read")]`.

    Users of a first-party client do not need the scope, unless an actor calls for them. Any other
    token without it gets 403 `insufficient_scope`, and the response names the scope (RFC 6750
    section 3.1).
    """
    return type(f"HasScope({scope})", (RequiresScope,), {"scopes": (scope,)})


def InGroup(*groups: str) -> type[BasePermission]:  # noqa: N802 - used like a class
    """Return a permission that requires one of `groups`. Names are case-sensitive."""
    return type(f"InGroup({', '.join(groups)})", (RequiresGroup,), {"groups": frozenset(groups)})


class PrincipalPermission(BasePermission):
    """A check of the principal alone. Without a principal it fails, and DRF answers 401."""

    # What a token of a third party's client must have. api.challenges and OpenAPI name them.
    scopes: ClassVar[tuple[str, ...]] = ()

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

    def permits(self, principal: Principal) -> bool:
        """Return True. Raise InsufficientScope if the scope is missing."""
        (scope,) = self.scopes
        demand_scope(scope, principal)
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
        return principal.kind == "user"


class InSession(PrincipalPermission):
    """Requires a browser session, which no token has."""

    message = "A token has no browser session. Send this request from a page, without a token."
    code = "session_required"

    def permits(self, principal: Principal) -> bool:
        """Return whether the principal is the user of a session."""
        return isinstance(principal, SessionPrincipal)


class NotDelegated(PrincipalPermission):
    """Refuses a token with an actor: no service or agent may do this for the user (RFC 8693)."""

    message = "Only the user may do this. Send a token of the user's own sign-in, without an actor."
    code = "delegated_token"

    def permits(self, principal: Principal) -> bool:
        """Return whether the user calls."""
        return principal.actor is None


class ListedClient(PrincipalPermission):
    """Refuses a token whose app client is not listed, and which only its audience admits."""

    message = "This app client may not do this. Use one that this service lists."
    code = "client_not_listed"

    def permits(self, principal: Principal) -> bool:
        """Return whether the client is listed."""
        return principal.is_listed_client


class OwnAccount(IsUser):
    """Requires a user, a listed client, ACCOUNT_SCOPE by the rules of `HasScope`, COGNITO_SCOPE.

    First-party clients need COGNITO_SCOPE as well, because Cognito would refuse a token without it.
    """

    scopes = (ACCOUNT_SCOPE, COGNITO_SCOPE)

    def permits(self, principal: Principal) -> bool:
        """Return whether it is a user. Raise PermissionDenied if the client or scope is wrong."""
        if not super().permits(principal):
            return False
        demand(ListedClient, principal)
        needed = {COGNITO_SCOPE} if is_first_party_user(principal) else set(self.scopes)
        if not needed <= set(principal.scopes):
            raise InsufficientScope(*(scope for scope in self.scopes if scope in needed))
        return True


def demand(permission: type[NotDelegated | ListedClient], principal: Principal) -> None:
    """Raise PermissionDenied unless the principal has the permission."""
    if not permission().permits(principal):
        raise PermissionDenied(permission.message, code=permission.code)


def demand_scope(scope: str, principal: Principal) -> None:
    """Raise InsufficientScope unless the principal fulfils `HasScope(scope)`."""
    if scope not in principal.scopes and not is_first_party_user(principal):
        raise InsufficientScope(scope)


def is_first_party_user(principal: Principal) -> bool:
    """Return whether the user calls, through a client of ours.

    A derived token has fewer scopes than the user's own, so it must not get the rights of a token
    that needs none.
    """
    if isinstance(principal, SessionPrincipal):
        # Only pages of this site can use the session.
        return True
    first_party: frozenset[str] = settings.COGNITO_FIRST_PARTY_CLIENT_IDS
    return (
        isinstance(principal, UserPrincipal)
        and principal.claims.client_id in first_party
        and principal.is_listed_client
        and principal.actor is None
    )
