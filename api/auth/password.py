"""Forgotten passwords."""

from __future__ import annotations

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import conf
from accounts.audit import trail
from accounts.rate_limits.limits import AccountThrottled, count_attempt
from accounts.sign_up import password_resets
from api.auth.public_view import PublicView
from api.auth.serializers import EmailRequest, ResetPasswordRequest
from api.auth.sign_up import accepted, raise_if_pool_is_busy
from api.refusals import translate_refusal, wrong_code
from api.throttles import CODE, MAIL
from cognito import errors
from cognito.user_pool import password


class ForgotPasswordView(PublicView):
    """`POST auth/forgot-password`."""

    takes = EmailRequest

    def post(self, request: Request) -> Response:
        """202, whether there is anybody to send a code to or not."""
        email = self.fields(request)["email"]
        try:
            with count_attempt(request, MAIL, account=email):
                password.forgot_password(conf.pool_client(), username=email)
        except AccountThrottled:
            # Enough mails for now: who knows, they may be somebody else's.
            pass
        except errors.RequestRefused as refused:
            raise_if_pool_is_busy(refused)
        return accepted("reset-password")


class ResetPasswordView(PublicView):
    """`POST auth/reset-password`."""

    takes = ResetPasswordRequest

    def post(self, request: Request) -> Response:
        """204 if the code is right and the password may be one. Every earlier sign-in ends."""
        fields = self.fields(request)
        email = fields["email"]
        try:
            with count_attempt(request, CODE, account=email) as attempt:
                password_resets.reset_password(
                    email=email, code=fields["code"], new_password=fields["new_password"]
                )
                attempt.succeeded()
        except errors.RequestRefused as refused:
            self.record(
                trail.Action.PASSWORD_RESET, trail.Outcome.FAILURE, email=email, detail=refused.code
            )
            raise translate_refusal(
                refused, fields={errors.PasswordRefused: "new_password"}, otherwise=wrong_code()
            ) from None
        self.record(trail.Action.PASSWORD_RESET, trail.Outcome.SUCCESS, email=email)
        return Response(status=status.HTTP_204_NO_CONTENT)
