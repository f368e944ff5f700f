"""`me/sessions`: the browser sessions of the caller."""

from __future__ import annotations

import uuid

from django.http import Http404
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit import trail
from accounts.models import BrowserSession
from accounts.sessions import browser_sessions
from accounts.sign_out import sign_out
from api.caller import claims_of, row_of
from api.contract_view import ContractView
from api.permissions import OwnAccount

# A user with more sessions can sign out everywhere.
MAX_SESSIONS = 100


class SessionSerializer(serializers.Serializer[BrowserSession]):
    """A browser session. `browser` is a readable name, such as `Firefox on Windows`."""

    id = serializers.UUIDField()
    browser = serializers.CharField(source="browser_name")
    address = serializers.IPAddressField(allow_null=True)
    signed_in_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class SessionListSerializer(serializers.Serializer[dict[str, list[BrowserSession]]]):
    """Browser sessions, the most recently used first."""

    sessions = SessionSerializer(many=True)


class SessionsView(ContractView):
    """The caller's browser sessions, without applications that have their own tokens."""

    permission_classes = (OwnAccount,)

    def get(self, request: Request) -> Response:
        """Return the hundred most recently used sessions, without expired ones."""
        claims = claims_of(request)
        live = browser_sessions.live_sessions(
            issuer=claims.issuer, sub=claims.sub, limit=MAX_SESSIONS
        )
        return Response(SessionListSerializer({"sessions": live}).data)


class SessionView(ContractView):
    """One browser session of the caller."""

    permission_classes = (OwnAccount,)

    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Sign the browser out, and revoke its bearer tokens. 404 for a session of another user."""
        user = row_of(request)
        browser_session = browser_sessions.end(pk, of_user=user) if user is not None else None
        if user is None or browser_session is None:
            raise Http404
        trail.record(request, trail.Action.SIGN_OUT_DEVICE, trail.Outcome.SUCCESS, actor=user)
        sign_out.sign_out_device(browser_session)
        return Response(status=status.HTTP_204_NO_CONTENT)
