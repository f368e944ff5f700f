"""`me/mfa/totp`: an authenticator app as second factor. Only the user pool stores it."""

from __future__ import annotations

from django.conf import settings
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
from api.permissions import NotDelegated, OwnAccount
from api.recent_authentication import RecentAuthentication, demand_recent_authentication
from api.strict_members import StrictMembers
from cognito.errors import InvalidParameter


class TOTPSecretSerializer(serializers.Serializer[dict[str, str]]):
    """The secret in three forms: to type, to open in an app, and to scan.

    `qr_code` is an SVG image as a `data:` address.
    """

    secret = serializers.CharField()
    otpauth_uri = serializers.CharField()
    qr_code = serializers.CharField()


class TOTPCodeSerializer(StrictMembers, serializers.Serializer[dict[str, str]]):
    """A code of six digits from the app."""

    code = Text(max_length=6, validators=[RegexValidator(r"^[0-9]{6}\Z", "A code has six digits.")])


class TOTPView(AccountView):
    """The caller's authenticator app."""

    # A user without a second factor cannot reach a level that needs one, so only the replacement
    # and the removal of an app need the level of the settings.
    permission_classes = (NotDelegated, OwnAccount, RecentAuthentication(acr=""))

    def post(self, request: Request) -> Response:
        """Return a new secret. It takes effect after a `PUT` with a code of the app."""
        account = self.account()
        profile = account.profile()
        if profile.has_totp:
            demand_recent_authentication(request)
        secret = account.begin_totp()
        app = AppSetUp(profile.email or profile.sub, secret)
        answer = {"secret": secret, "otpauth_uri": app.otpauth_uri, "qr_code": app.qr_code}
        return Response(TOTPSecretSerializer(answer).data)

    def put(self, request: Request) -> Response:
        """Confirm the app. Each later sign-in asks for a code."""
        serializer = TOTPCodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        account = self.account()
        if settings.COGNITO_STEP_UP_ACR and account.profile().has_totp:
            demand_recent_authentication(request)
        with count_attempt(request, TOTP, account=account_name_of(request)) as attempt:
            account.confirm_totp(serializer.validated_data["code"])
            attempt.succeeded()
        self.record(trail.Action.TOTP_ON)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def delete(self, request: Request) -> Response:
        """Remove the app. It is no error if there is none."""
        demand_recent_authentication(request)
        try:
            self.account().end_totp()
        except InvalidParameter as error:
            # The request has no input, so the pool refuses to leave the user without a factor.
            raise SecondFactorRequired from error
        self.record(trail.Action.TOTP_OFF)
        return Response(status=status.HTTP_204_NO_CONTENT)
