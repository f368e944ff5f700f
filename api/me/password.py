"""`me/password`: the change of a password that the user knows."""

from __future__ import annotations

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.own_account.password_change import change_password
from api.account_fields import NewPassword, Password
from api.me.account_view import AccountView
from api.permissions import NotDelegated, OwnAccount
from api.recent_authentication import RecentAuthentication
from api.strict_members import StrictMembers


class PasswordChangeSerializer(StrictMembers, serializers.Serializer[dict[str, str]]):
    """Both passwords, unchanged: spaces and accents are part of a password."""

    old_password = Password()
    new_password = NewPassword()


class PasswordView(AccountView):
    """The caller's password."""

    permission_classes = (NotDelegated, OwnAccount, RecentAuthentication())

    def post(self, request: Request) -> Response:
        """Change the password. Sessions and tokens remain valid."""
        serializer = PasswordChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        passwords = serializer.validated_data
        change_password(self.owner(), old=passwords["old_password"], new=passwords["new_password"])
        return Response(status=status.HTTP_204_NO_CONTENT)
