"""`GET /api/v1/session`: what a script of this site's own pages needs to know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.middleware.csrf import get_token
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract_view import ContractView
from api.permissions import InSession
from api.principals import SessionPrincipal
from api.session_authentication import SessionOrBearer


class SignedInUserSerializer(serializers.Serializer[dict[str, Any]]):
    """The user of the session. An attribute that is not set is an empty string."""

    sub = serializers.CharField()
    username = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    email_verified = serializers.BooleanField()
    groups = serializers.ListField(child=serializers.CharField())


class CurrentSessionSerializer(serializers.Serializer[dict[str, Any]]):
    """The browser session of the request."""

    signed_in = serializers.BooleanField(help_text="Always true. Otherwise, the answer is a 401.")
    user = SignedInUserSerializer()
    csrf_token = serializers.CharField(
        help_text="Send it as `X-CSRFToken` with every request that is not a GET."
    )
    idle_expires_at = serializers.DateTimeField(
        help_text="When the session ends unless a request uses it before. This request did."
    )
    expires_at = serializers.DateTimeField(help_text="When the session ends in any case.")
    sign_out_url = serializers.CharField(
        help_text="Post a form with `csrfmiddlewaretoken` to it, to sign out."
    )


class SessionView(ContractView):
    """The browser session of the request."""

    authentication_classes = (SessionOrBearer,)
    permission_classes = (InSession,)

    def get(self, request: Request) -> Response:
        """Return the session, and a CSRF token. A visitor gets a 401 with `sign_in_url`."""
        principal = cast("SessionPrincipal", request.user)
        user, session = principal.user, principal.session
        return Response(
            {
                "signed_in": True,
                "user": {
                    "sub": user.sub,
                    "username": user.username,
                    "name": user.name,
                    "email": user.email,
                    "email_verified": user.email_verified,
                    "groups": sorted(principal.groups),
                },
                "csrf_token": get_token(request._request),  # noqa: SLF001 - documented
                "idle_expires_at": _utc(session.last_seen_at, settings.SESSION_IDLE_SECONDS),
                "expires_at": _utc(session.signed_in_at, settings.SESSION_ABSOLUTE_SECONDS),
                "sign_out_url": reverse("accounts:logout"),
            }
        )


def _utc(start: datetime, seconds: int) -> str:
    return f"{start + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
