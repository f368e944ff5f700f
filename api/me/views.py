"""`GET /api/v1/me`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.principals import Principal


class MeView(APIView):
    """The identity that the token speaks of: nothing is looked up anywhere."""

    def get(self, request: Request) -> Response:
        """Scopes and groups sorted; `expires_at` in UTC, as RFC 3339 writes it."""
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
