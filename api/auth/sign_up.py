"""Signing up: an account, and the code that proves its address."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import conf
from accounts.audit import trail
from accounts.rate_limits.limits import AccountThrottled, count_attempt, count_target
from accounts.sign_up import contested_accounts
from api.auth.public_view import PublicView
from api.auth.refusals import (
    SignUpRefused,
    demand_patience,
    refused_password,
    refused_values,
    wrong_code,
)
from api.auth.serializers import ConfirmRequest, EmailRequest, NextStep, SignUpRequest
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
            raise _refusal(refused, fields) from None
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
            demand_patience(refused)
            if isinstance(refused, errors.PasswordRefused):
                raise refused_password("password") from None
            if isinstance(refused, errors.InvalidParameter):
                raise refused_values(refused, ()) from None
            raise wrong_code() from None
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
            demand_patience_of_all(refused)
        return accepted("confirm")


def demand_patience_of_all(refused: errors.RequestRefused) -> None:
    """Raises Throttled for a quota of the whole pool: an account's own would tell it exists."""
    if not isinstance(refused, errors.TooManyAttempts):
        demand_patience(refused)


def _refusal(refused: errors.RequestRefused, fields: Mapping[str, str]) -> Exception:
    demand_patience(refused)
    if isinstance(refused, errors.PasswordRefused):
        return refused_password("password")
    if isinstance(refused, errors.NotAuthorized | errors.RefusedByTrigger):
        # The pool lets operators alone make users, or one of its triggers said no.
        return SignUpRefused()
    if isinstance(refused, errors.InvalidParameter) and refused.attributes:
        required = isinstance(refused, errors.AttributeRequired)
        return refused_values(refused, ATTRIBUTES if required else fields)
    return ValidationError({"non_field_errors": ["The user pool does not accept these values."]})


def _demand_as_configured(is_confirmed: bool) -> None:
    if is_confirmed != settings.COGNITO_AUTO_CONFIRM:
        logger.error(
            "COGNITO_AUTO_CONFIRM is %s, but the user pool %s new accounts by itself.",
            settings.COGNITO_AUTO_CONFIRM,
            "confirms" if is_confirmed else "does not confirm",
        )
