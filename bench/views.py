"""One view, open to all and protected in three ways."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from jose import jwt
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User

# The benchmark puts its keys here before the first request.
KEY_SET: dict[str, Any] = {}


class Protected(APIView):
    """As every view of the API: `CognitoAuthentication`, and somebody must be there."""

    def get(self, request: Request) -> Response:  # noqa: ARG002 - DRF passes it
        """The least that an answer can be."""
        return Response({"ok": True})


class Open(Protected):
    """The same without authentication or permission."""

    authentication_classes = ()
    permission_classes = ()


class PlainAuthentication(BaseAuthentication):
    """What tutorials show: python-jose decodes with a key set at hand; nobody is looked up."""

    def authenticate(self, request: Request) -> tuple[Any, dict[str, Any]]:
        """The claims as they are, for whoever is the user."""
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
        """An unsaved row."""
        return User(issuer=claims["iss"], sub=claims["sub"])


class LookUpAuthentication(PlainAuthentication):
    """The same with the user's row read for each request, as Django people are used to."""

    def user_of(self, claims: dict[str, Any]) -> Any:
        """The row."""
        return User.objects.get(issuer=claims["iss"], sub=claims["sub"])


class Plain(Protected):
    """Protected the tutorials' way."""

    authentication_classes = (PlainAuthentication,)


class PlainWithLookUp(Protected):
    """Protected the tutorials' way, with a user from the database."""

    authentication_classes = (LookUpAuthentication,)
