"""Requesting a code, and using one. No response reveals whether the account exists."""

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
    """The base of views that have Cognito send a code."""

    takes = EmailRequest
    next_step: ClassVar[str]

    def send(self, email: str) -> None:
        """Have Cognito send the code. Raises RequestRefused or CognitoUnavailable."""
        raise NotImplementedError

    def post(self, request: Request) -> Response:
        """Return 202, whether or not the account exists."""
        email = self.fields(request)["email"]
        try:
            with count_attempt(request, MAIL, account=email):
                self.send(email)
        except errors.TooManyRequests as refused:
            # Report only a quota of the whole pool. A quota of the account would reveal that the
            # account exists.
            if not isinstance(refused, errors.TooManyAttempts):
                raise Throttled(wait=refused.retry_after) from None
        except (AccountLimitReached, errors.RequestRefused):
            # The address may belong to another user, so the caller does not learn the reason.
            pass
        return answer_accepted(self.next_step)


class UseCodeView(PublicView):
    """The base of views that take a code and do what it permits."""

    action: ClassVar[trail.Action]
    password_field: ClassVar[str]

    def use(self, fields: dict[str, Any]) -> None:
        """Send the code to Cognito. Raises RequestRefused or CognitoUnavailable."""
        raise NotImplementedError

    def post(self, request: Request) -> Response:
        """Return 204 if code and password are accepted. Each invalid code gets the same 400."""
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
    """Return 202, the same for all accounts."""
    return Response(NextStep({"next_step": next_step}).data, status=status.HTTP_202_ACCEPTED)
