"""Sign-up, and the code that confirms the address."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import conf
from accounts.audit import trail
from accounts.rate_limits.limits import count_attempt, count_target
from accounts.sign_up import contested_accounts
from api.auth.codes import RequestCodeView, UseCodeView, answer_accepted
from api.auth.public_view import PublicView
from api.auth.refusals import SignUpRefused
from api.auth.serializers import ConfirmRequest, SignUpRequest
from api.refusals import translate_refusal
from api.throttles import PHONE, SIGN_UP
from cognito import errors
from cognito.user_pool import sign_up

logger = logging.getLogger(__name__)

# Attributes of the user pool that a new user may set. The pool sets everything else.
ATTRIBUTES = ("email", "name", "phone_number")


class SignUpView(PublicView):
    """`POST auth/sign-up`."""

    takes = SignUpRequest

    def post(self, request: Request) -> Response:
        """Return 202 and the next step. An address with an account gets the same answer."""
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
            # Report neither. The first would reveal that the account exists. After the second, a
            # caller who receives no code requests another one.
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
        return answer_accepted("sign-in" if settings.COGNITO_AUTO_CONFIRM else "confirm")


class ConfirmView(UseCodeView):
    """`POST auth/confirm`."""

    takes = ConfirmRequest
    action = trail.Action.CONFIRMATION
    password_field = "password"  # noqa: S105 # the name of a field

    def use(self, fields: dict[str, Any]) -> None:
        """Confirm the address."""
        contested_accounts.confirm(
            email=fields["email"], code=fields["code"], password=fields.get("password")
        )


class ResendCodeView(RequestCodeView):
    """`POST auth/resend-code`."""

    next_step = "confirm"

    def send(self, email: str) -> None:
        """Send another code for a new account."""
        sign_up.resend_code(conf.pool_client(), username=email)


def _translate(refused: errors.RequestRefused) -> Exception:
    if isinstance(refused, errors.NotAuthorized | errors.RefusedByTrigger):
        # The pool permits only operators to create users, or one of its triggers refused.
        return SignUpRefused()
    return translate_refusal(
        refused, fields={errors.PasswordRefused: "password"}, attributes=ATTRIBUTES
    )


def _demand_as_configured(is_confirmed: bool) -> None:
    if is_confirmed != settings.COGNITO_AUTO_CONFIRM:
        logger.error(
            "COGNITO_AUTO_CONFIRM is %s, but the user pool %s new accounts. Correct the setting.",
            settings.COGNITO_AUTO_CONFIRM,
            "confirms" if is_confirmed else "does not confirm",
        )
