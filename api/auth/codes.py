"""Asking for a code, and using one. No answer tells whether there is such an account."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import status
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit import trail
from accounts.rate_limits.limits import AccountLimitReached, count_attempt
from api.auth.public_view import PublicView
from api.auth.serializers import EmailRequest, NextStep
from api.refusals import refuse_code, translate_refusal
from api.throttles import CODE, MAIL
from cognito import errors


class RequestCodeView(PublicView):
    """An address that has Cognito send a code."""

    takes = EmailRequest
    next_step: ClassVar[str]

    def send(self, email: str) -> None:
        """Have the code sent. Raises RequestRefused or CognitoUnavailable."""
        raise NotImplementedError

    def post(self, request: Request) -> Response:
        """202, whether there is an account to send a code to or not."""
        email = self.fields(request)["email"]
        try:
            with count_attempt(request, MAIL, account=email):
                self.send(email)
        except errors.TooManyRequests as refused:
            # A quota of the whole pool. An account's own would tell that the account exists.
            if not isinstance(refused, errors.TooManyAttempts):
                raise Throttled(wait=refused.retry_after) from None
        except (AccountLimitReached, errors.RequestRefused):
            # The owner of the address may be another person, so the caller is not told.
            pass
        return answer_accepted(self.next_step)


class UseCodeView(PublicView):
    """An address that takes a code, and what the code allows."""

    action: ClassVar[trail.Action]
    password_field: ClassVar[str]

    def use(self, fields: dict[str, Any]) -> None:
        """Have Cognito judge the code. Raises RequestRefused or CognitoUnavailable."""
        raise NotImplementedError

    def post(self, request: Request) -> Response:
        """204 if the code is right and the password is allowed. A wrong code is the same 400."""
        fields = self.fields(request)
        email = fields["email"]
        try:
            with count_attempt(request, CODE, account=email) as attempt:
                self.use(fields)
                attempt.succeeded()
        except errors.RequestRefused as refused:
            self.record(self.action, trail.Outcome.FAILURE, email=email, detail=refused.code)
            raise translate_refusal(
                refused,
                fields={errors.PasswordRefused: self.password_field},
                otherwise=refuse_code(),
            ) from None
        self.record(self.action, trail.Outcome.SUCCESS, email=email)
        return Response(status=status.HTTP_204_NO_CONTENT)


def answer_accepted(next_step: str) -> Response:
    """202, the same for everyone."""
    return Response(NextStep({"next_step": next_step}).data, status=status.HTTP_202_ACCEPTED)
