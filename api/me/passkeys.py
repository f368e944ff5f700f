"""`me/passkeys`: the passkeys of the caller. Only the user pool stores them."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404
from rest_framework import serializers, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit import trail
from accounts.own_account.passkey_addition import needs_level
from accounts.own_account.passkey_removal import remove_passkey
from api.account_fields import PasskeyResponse
from api.me.account_view import AccountView
from api.permissions import NotDelegated, OwnAccount
from api.recent_authentication import RecentAuthentication, demand_recent_authentication
from api.refusals import refuse_values
from api.strict_members import StrictMembers
from cognito.errors import InvalidParameter
from cognito.user_pool.passkeys import MAX_ID_CHARACTERS, Passkey, Passkeys

_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_ID_CHARACTERS}}}", re.ASCII)


class PasskeySerializer(serializers.Serializer[Passkey]):
    """A passkey. Cognito names it, and it cannot be renamed.

    `is_portable` is true for a security key or another device, and null if that is not known.
    """

    id = serializers.CharField()
    name = serializers.CharField()
    relying_party = serializers.CharField()
    is_portable = serializers.BooleanField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)


class PasskeyListSerializer(serializers.Serializer[dict[str, list[Passkey]]]):
    """The passkeys, at most twenty."""

    passkeys = PasskeySerializer(many=True)


class CreationOptionsSerializer(serializers.Serializer[dict[str, Any]]):
    """What the browser needs: PublicKeyCredentialCreationOptionsJSON (WebAuthn)."""

    creation_options = serializers.DictField()


class CredentialSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """The browser's response to the creation options: RegistrationResponseJSON (WebAuthn)."""

    credential = PasskeyResponse()


class PasskeyView(AccountView):
    """The base of views of passkeys. Changes need a recent sign-in, and reading does not."""

    permission_classes = (NotDelegated, OwnAccount)

    def get_permissions(self) -> list[Any]:
        """Demand a recent sign-in for changes."""
        permissions = super().get_permissions()
        if self.request.method in SAFE_METHODS:
            return list(permissions)
        # The views demand the level, because it depends on the user's factors.
        return [*permissions, RecentAuthentication(acr="")()]

    def passkeys(self) -> Passkeys:
        """Return the caller's passkeys. See `account`."""
        account = self.account()
        return Passkeys(account.service, account.access_token)

    def demand_level(self, passkeys: Passkeys) -> None:
        """Demand the level of the settings of a user who has a factor that reaches one."""
        if needs_level(passkeys):
            demand_recent_authentication(self.request)


class PasskeysView(PasskeyView):
    """The caller's passkeys."""

    def get(self, request: Request) -> Response:
        """Return the passkeys."""
        return Response(PasskeyListSerializer({"passkeys": self.passkeys().all()}).data)

    def post(self, request: Request) -> Response:
        """Return the options for a new passkey. It is registered by a `PUT` with the response."""
        passkeys = self.passkeys()
        self.demand_level(passkeys)
        answer = {"creation_options": passkeys.begin()}
        return Response(CreationOptionsSerializer(answer).data)

    def put(self, request: Request) -> Response:
        """Register the passkey."""
        serializer = CredentialSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        passkeys = self.passkeys()
        self.demand_level(passkeys)
        try:
            passkeys.register(serializer.validated_data["credential"])
        except InvalidParameter as refused:
            raise refuse_values(refused, (), default=["credential"]) from None
        self.record(trail.Action.PASSKEY_ON)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OnePasskeyView(PasskeyView):
    """One passkey of the caller."""

    def delete(self, request: Request, passkey_id: str) -> Response:
        """Delete the passkey, unless it is the last way to sign in."""
        demand_recent_authentication(request)
        if _ID.fullmatch(passkey_id) is None:
            raise Http404
        remove_passkey(self.owner(), passkey_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
