"""The demand for a recent sign-in: step-up authentication (RFC 9470)."""

from __future__ import annotations

import time
from typing import ClassVar

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.sessions import authentication
from accounts.step_up.guards import DETAIL, confirm_url
from accounts.step_up.requirements import requirement
from api.caller import claims_of
from api.challenges import bearer_challenge
from api.permissions import IsUser
from api.principals import SessionPrincipal
from cognito.tokens.authentication import Requirement, context_of, levels


class InsufficientUserAuthentication(APIException):
    """The token is valid, but its sign-in is too old or too weak (RFC 9470 section 3)."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "insufficient_user_authentication"
    default_detail = DETAIL

    def __init__(self, demanded: Requirement, *, confirm_url: str = "") -> None:
        super().__init__()
        self.extensions = {"confirm_url": confirm_url} if confirm_url else {}
        acr = {"acr_values": " ".join(demanded.acr_values)} if demanded.acr_values else {}
        self.auth_header = bearer_challenge(
            error=self.default_code, **acr, max_age=str(demanded.max_age)
        )


def RecentAuthentication(  # noqa: N802 - used like a class
    *, seconds: int | None = None, acr: str | None = None
) -> type[BasePermission]:
    """Return a permission that demands a recent sign-in of a user.

    `permission_classes = [HasScope("api/write"), RecentAuthentication(seconds=60)]`. Name it last,
    so that a caller without the scope is not asked to sign in again.

    A token reports the time of its sign-in as `auth_time` and its level as `acr`, and a refresh
    keeps both. A browser session has those of its last sign-in or confirmation. An older or weaker
    sign-in gets 401 `insufficient_user_authentication`, and the response says what is demanded. A
    machine client gets 403, because it cannot sign in.

    Args:
        seconds: the maximum age of the sign-in. None for COGNITO_STEP_UP_SECONDS.
        acr: the accepted levels, separated by spaces; empty for any. None for COGNITO_STEP_UP_ACR.

    Raises ValueError for a malformed level.
    """
    levels(acr or "")
    demand = {"seconds": seconds, "acr": acr}
    return type("RecentAuthentication", (RequiresRecentAuthentication,), demand)


class RequiresRecentAuthentication(IsUser):
    """See `RecentAuthentication`."""

    seconds: ClassVar[int | None] = None
    acr: ClassVar[str | None] = None

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether it is a user. Raise InsufficientUserAuthentication."""
        if not super().has_permission(request, view):
            return False
        demand_recent_authentication(request, requirement(seconds=self.seconds, acr=self.acr))
        return True


def demand_recent_authentication(request: Request, demanded: Requirement | None = None) -> None:
    """Raise InsufficientUserAuthentication unless the sign-in of the caller is recent.

    A view that needs it only for some requests calls this. The others use the permission. The error
    of a browser session has the address at which its user confirms the session.

    Args:
        request: of a user.
        demanded: None for the requirement of the settings.
    """
    demanded = demanded or requirement()
    user: object = request.user
    if isinstance(user, SessionPrincipal):
        context = authentication.of_session(request._request)  # noqa: SLF001 - documented
        confirm_at = confirm_url(demanded)
    else:
        context, confirm_at = context_of(claims_of(request)), ""
    if demanded.shortfall(context, now=time.time()):
        raise InsufficientUserAuthentication(demanded, confirm_url=confirm_at)
