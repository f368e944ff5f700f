"""`me/password`: a new password for who knows the old one."""

from __future__ import annotations

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from api.fields import Text
from api.me.account_view import AccountView
from api.me.limits import PASSWORDS, counter_of, demand_attempt
from cognito.errors import WrongPassword

PURPOSE = "password change"
# What Cognito stores at most.
MAX_PASSWORD_CHARACTERS = 256


class PasswordChangeSerializer(serializers.Serializer[dict[str, str]]):
    """Both exactly as they were typed: spaces and accents are part of a password."""

    old_password = Text(max_length=MAX_PASSWORD_CHARACTERS)
    new_password = Text(max_length=MAX_PASSWORD_CHARACTERS)


class PasswordView(AccountView):
    """The caller's password."""

    def post(self, request: Request) -> Response:
        """Change it. Nobody is signed out: `auth/sign-out-everywhere` does that."""
        serializer = PasswordChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        passwords = serializer.validated_data
        demand_attempt(request, PURPOSE, PASSWORDS)
        try:
            self.account().change_password(
                old=passwords["old_password"], new=passwords["new_password"]
            )
        except WrongPassword as error:
            self.record(audit.Action.PASSWORD_CHANGE, audit.Outcome.FAILURE, detail=error.code)
            raise
        counter_of(request, PURPOSE).forget()
        self.record(audit.Action.PASSWORD_CHANGE)
        return Response(status=status.HTTP_204_NO_CONTENT)
