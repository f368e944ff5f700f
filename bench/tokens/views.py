"""One view, unprotected and protected in three ways."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from django.conf import settings
from jose import jwt
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User

# The benchmark stores its keys here before the first request.
KEY_SET: dict[str, Any] = {}


class Protected(APIView):
    """Protected as all views of the API are: `CognitoAuthentication` and `IsAuthenticated`."""

    def get(self, request: Request) -> Response:  # noqa: ARG002 - DRF passes it
        """Return a minimal response."""
        return Response({"ok": True})


class Open(Protected):
    """The same view without authentication and permissions."""

    authentication_classes = ()
    permission_classes = ()


class PlainAuthentication(BaseAuthentication):
    """Authentication as tutorials show it: python-jose decodes with keys that are in memory."""

    def authenticate(self, request: Request) -> tuple[Any, dict[str, Any]]:
        """Return the user and the claims of the bearer token."""
        token = get_authorization_header(request).split()[1].decode()
        claims = jwt.decode(
            token,
            KEY_SET,
            algorithms=["RS256"],
            issuer=settings.COGNITO_ISSUER,
            options={"verify_at_hash": False},
        )
        return self.user_of(claims), claims

    def user_of(self, claims: dict[str, Any]) -> Any:
        """Return a user object without a query."""
        return User(issuer=claims["iss"], sub=claims["sub"])


class LookUpAuthentication(PlainAuthentication):
    """The same authentication with a query for the user in each request, as is usual in Django."""

    def user_of(self, claims: dict[str, Any]) -> Any:
        """Return the user from the database."""
        return User.objects.get(issuer=claims["iss"], sub=claims["sub"])


class Plain(Protected):
    """Protected as tutorials show it."""

    authentication_classes = (PlainAuthentication,)


class PlainWithLookUp(Protected):
    """Protected as tutorials show it, with a user from the database."""

    authentication_classes = (LookUpAuthentication,)


class MeByHand(APIView):
    """`GET /api/v1/me` as tutorials show it: the same response, from the decoded claims."""

    authentication_classes = (PlainAuthentication,)

    def get(self, request: Request) -> Response:
        """Return the identity in the token."""
        claims = cast("dict[str, Any]", request.auth)
        expires_at = datetime.fromtimestamp(claims["exp"], tz=UTC)
        return Response(
            {
                "kind": "user",
                "sub": claims["sub"],
                "username": claims["username"],
                "token_use": claims["token_use"],
                "client_id": claims["client_id"],
                "scopes": sorted(claims["scope"].split()),
                "groups": sorted(claims.get("cognito:groups", [])),
                "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
            }
        )
