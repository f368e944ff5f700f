"""`me`: the caller's identity, and the deletion of the account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.not_allowed import LastSuperuser
from accounts.own_account.deletion import delete_account
from api.caller import claims_of, principal_of
from api.me.account_view import AccountView
from api.permissions import NotDelegated, OwnAccount
from api.recent_authentication import RequiresRecentAuthentication
from cognito.tokens.actors import Actor


class MeView(AccountView):
    """The caller's identity."""

    def get_permissions(self) -> list[BasePermission]:
        """Only the user may delete the account. Any valid token may read its own claims."""
        if self.request.method == "DELETE":
            return [NotDelegated(), OwnAccount(), RequiresRecentAuthentication()]
        return [IsAuthenticated()]

    def get(self, request: Request) -> Response:
        """Return the identity in the token, without any lookup.

        Scopes and groups are sorted. `expires_at` is in UTC (RFC 3339). `actor` is missing if the
        user calls.
        """
        principal, claims = principal_of(request), claims_of(request)
        expires_at = datetime.fromtimestamp(claims.expires_at, tz=UTC)
        identity: dict[str, Any] = {
            "kind": principal.kind,
            "sub": claims.sub,
            "username": claims.username,
            "token_use": claims.token_use,
            "client_id": claims.client_id,
            "scopes": sorted(claims.scopes),
            "groups": sorted(claims.groups),
            "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        if claims.actors:
            identity["actor"] = _shown(claims.actors)
        return Response(identity)

    def delete(self, request: Request) -> Response:
        """Delete the account in the user pool, and the user's data here except the audit trail."""
        try:
            delete_account(self.owner())
        except LastSuperuser as refused:
            raise PermissionDenied(refused.message, code=refused.code) from refused
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(actors: tuple[Actor, ...]) -> dict[str, Any]:
    """Return the current actor with the prior ones."""
    current, *prior = (one._asdict() for one in actors)
    return current | {"prior": prior}
