"""`me/password`: the change of a password that the user knows."""

from __future__ import annotations

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit import trail
from accounts.rate_limits.limits import count_attempt
from api.account_fields import NewPassword, Password
from api.caller import account_name_of
from api.me.account_view import AccountView
from api.permissions import NotDelegated, OwnAccount
from api.recent_authentication import RecentAuthentication
from api.throttles import PASSWORD_CHANGE
from cognito.errors import PasswordRefused, WrongPassword


class PasswordChangeSerializer(serializers.Serializer[dict[str, str]]):
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
        with count_attempt(request, PASSWORD_CHANGE, account=account_name_of(request)) as attempt:
            try:
                self.account().change_password(
                    old=passwords["old_password"], new=passwords["new_password"]
                )
            except WrongPassword as error:
                self.record(trail.Action.PASSWORD_CHANGE, trail.Outcome.FAILURE, detail=error.code)
                raise
            except PasswordRefused:
                # PasswordRefused is about the new password, so this was no guess at the old one.
                attempt.take_back()
                raise
            attempt.succeeded()
        self.record(trail.Action.PASSWORD_CHANGE)
        return Response(status=status.HTTP_204_NO_CONTENT)
