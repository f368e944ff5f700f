"""Signing up: an account, and the code that proves its address."""

from __future__ import annotations

import logging

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import conf
from accounts.audit import trail
from accounts.rate_limits.limits import AccountThrottled, count_attempt, count_target
from accounts.sign_up import contested_accounts
from api.auth.public_view import PublicView
from api.auth.refusals import SignUpRefused
from api.auth.serializers import ConfirmRequest, EmailRequest, NextStep, SignUpRequest
from api.refusals import translate_refusal, wrong_code
from api.throttles import CODE, MAIL, PHONE, SIGN_UP
from cognito import errors
from cognito.user_pool import sign_up

logger = logging.getLogger(__name__)

# Attributes of the user pool that whoever signs up may set. Everything else is the pool's.
ATTRIBUTES = ("email", "name", "phone_number")


def accepted(next_step: str) -> Response:
    """202, the same for everyone."""
    return Response(NextStep({"next_step": next_step}).data, status=status.HTTP_202_ACCEPTED)


class SignUpView(PublicView):
    """`POST auth/sign-up`."""

    takes = SignUpRequest

    def post(self, request: Request) -> Response:
        """202 and what comes next: the same for an address that has an account already."""
        fields = self.fields(request)
        email = fields["email"]
        try:
            with (
                count_attempt(request, SIGN_UP, account=email),
                count_target(PHONE, fields.get("phone_number")),
            ):
                is_confirmed = contested_accounts.sign_up(
                    email=email,
                    password=fields["password"],
                    attributes={name: fields[name] for name in ATTRIBUTES if name in fields},
                    settable=ATTRIBUTES,
                )
        except (errors.AccountExists, errors.CodeNotDelivered) as refused:
            # Of these two nobody is told: the first is somebody's secret, the second is found out
            # by asking for another code.
            self.record(
                trail.Action.SIGN_UP, trail.Outcome.FAILURE, email=email, detail=refused.code
            )
        except errors.RequestRefused as refused:
            self.record(
                trail.Action.SIGN_UP, trail.Outcome.FAILURE, email=email, detail=refused.code
            )
            raise _translate(refused) from None
        else:
            self.record(trail.Action.SIGN_UP, trail.Outcome.SUCCESS, email=email)
            _demand_as_configured(is_confirmed)
        return accepted("sign-in" if settings.COGNITO_AUTO_CONFIRM else "confirm")


class ConfirmView(PublicView):
    """`POST auth/confirm`."""

    takes = ConfirmRequest

    def post(self, request: Request) -> Response:
        """204 if the code is right. Every refusal is the same 400."""
        fields = self.fields(request)
        email = fields["email"]
        try:
            with count_attempt(request, CODE, account=email) as attempt:
                contested_accounts.confirm(
                    email=email, code=fields["code"], password=fields.get("password")
                )
                attempt.succeeded()
        except errors.RequestRefused as refused:
            self.record(
                trail.Action.CONFIRMATION, trail.Outcome.FAILURE, email=email, detail=refused.code
            )
            raise translate_refusal(
                refused, fields={errors.PasswordRefused: "password"}, otherwise=wrong_code()
            ) from None
        self.record(trail.Action.CONFIRMATION, trail.Outcome.SUCCESS, email=email)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResendCodeView(PublicView):
    """`POST auth/resend-code`."""

    takes = EmailRequest

    def post(self, request: Request) -> Response:
        """202, whether there is anybody to send a code to or not."""
        email = self.fields(request)["email"]
        try:
            with count_attempt(request, MAIL, account=email):
                sign_up.resend_code(conf.pool_client(), username=email)
        except AccountThrottled:
            # Enough mails for now: who knows, they may be somebody else's.
            pass
        except errors.RequestRefused as refused:
            raise_if_pool_is_busy(refused)
        return accepted("confirm")


def raise_if_pool_is_busy(refused: errors.RequestRefused) -> None:
    """Raise Throttled for a quota of the whole pool: an account's own would tell it exists."""
    if isinstance(refused, errors.TooManyRequests) and not isinstance(
        refused, errors.TooManyAttempts
    ):
        raise Throttled(wait=refused.retry_after)


def _translate(refused: errors.RequestRefused) -> Exception:
    if isinstance(refused, errors.NotAuthorized | errors.RefusedByTrigger):
        # The pool lets operators alone make users, or one of its triggers said no.
        return SignUpRefused()
    return translate_refusal(
        refused, fields={errors.PasswordRefused: "password"}, attributes=ATTRIBUTES
    )


def _demand_as_configured(is_confirmed: bool) -> None:
    if is_confirmed != settings.COGNITO_AUTO_CONFIRM:
        logger.error(
            "COGNITO_AUTO_CONFIRM is %s, but the user pool %s new accounts by itself.",
            settings.COGNITO_AUTO_CONFIRM,
            "confirms" if is_confirmed else "does not confirm",
        )
