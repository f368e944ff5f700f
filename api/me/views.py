"""`me`: who the bearer of a token is, and the end of their account."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

from django.db import transaction
from rest_framework import status
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit import trail
from accounts.sign_out import forget_user
from api.caller import claims_of
from api.me.account_view import AccountView
from api.permissions import OwnAccount
from api.principals import Principal
from cognito.errors import UserNotFound


class MeView(AccountView):
    """The caller."""

    def get_permissions(self) -> list[BasePermission]:
        """Whoever has a good token may see what is in it; deleting takes a person."""
        return [OwnAccount()] if self.request.method == "DELETE" else [IsAuthenticated()]

    def get(self, request: Request) -> Response:
        """The identity that the token speaks of: nothing is looked up anywhere.

        Scopes and groups sorted; `expires_at` in UTC, as RFC 3339 writes it."""
        principal = cast("Principal", request.user)
        claims = principal.claims
        expires_at = datetime.fromtimestamp(claims.expires_at, tz=UTC)
        return Response(
            {
                "kind": principal.kind,
                "sub": claims.sub,
                "username": claims.username,
                "token_use": claims.token_use,
                "client_id": claims.client_id,
                "scopes": sorted(claims.scopes),
                "groups": sorted(claims.groups),
                "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
            }
        )

    def delete(self, request: Request) -> Response:
        """Delete your account in the user pool, and all that is yours here.

        What is left is the audit trail.
        """
        # Gone already? Then what is left here is taken away now, as the first time should have.
        with suppress(UserNotFound):
            self.account().delete()
        claims = claims_of(request)
        with transaction.atomic():
            # Before the row goes, for the trail names the person as the row does.
            self.record(trail.Action.ACCOUNT_DELETION)
            forget_user.forget(issuer=claims.issuer, sub=claims.sub)
        return Response(status=status.HTTP_204_NO_CONTENT)
