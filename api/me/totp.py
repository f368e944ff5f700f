"""`me/mfa/totp`: an authenticator app as second factor. Nothing of it is stored here."""

from __future__ import annotations

from django.core.validators import RegexValidator
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit import trail
from accounts.own_account.authenticator_app import AppSetUp
from accounts.rate_limits.limits import TOTP, count_attempt
from api.caller import account_name_of
from api.fields import Text
from api.me.account_view import AccountView
from api.me.refusals import SecondFactorRequired
from cognito.errors import InvalidParameter


class TOTPSecretSerializer(serializers.Serializer[dict[str, str]]):
    """The secret in three forms: to type in, to open in an app, and to scan.

    `qr_code` is an SVG image as a `data:` address.
    """

    secret = serializers.CharField()
    otpauth_uri = serializers.CharField()
    qr_code = serializers.CharField()


class TOTPCodeSerializer(serializers.Serializer[dict[str, str]]):
    """Six digits that the app shows."""

    code = Text(max_length=6, validators=[RegexValidator(r"^[0-9]{6}\Z", "A code has six digits.")])


class TOTPView(AccountView):
    """The caller's authenticator app."""

    def post(self, request: Request) -> Response:
        """Begin: a new secret, which counts once `PUT` was sent a code made with it."""
        account = self.account()
        profile = account.profile()
        secret = account.begin_totp()
        app = AppSetUp(profile.email or profile.sub, secret)
        answer = {"secret": secret, "otpauth_uri": app.otpauth_uri, "qr_code": app.qr_code}
        return Response(TOTPSecretSerializer(answer).data)

    def put(self, request: Request) -> Response:
        """Confirm: from now on every sign-in asks for a code."""
        serializer = TOTPCodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with count_attempt(request, TOTP, account=account_name_of(request)) as attempt:
            self.account().confirm_totp(serializer.validated_data["code"])
            attempt.succeeded()
        self.record(trail.Action.TOTP_ON)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def delete(self, request: Request) -> Response:
        """Switch it off. No error where it was not on."""
        try:
            self.account().end_totp()
        except InvalidParameter as error:
            # The only parameter is ours: what the pool does not take is that there be no factor.
            raise SecondFactorRequired from error
        self.record(trail.Action.TOTP_OFF)
        return Response(status=status.HTTP_204_NO_CONTENT)
