"""What the user pool refuses somebody who changes their own account, as this API says it."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    Throttled,
    ValidationError,
)

from cognito import errors

_SIGN_IN_AGAIN = (
    errors.NotAuthorized,
    errors.UserNotFound,
    errors.UserNotConfirmed,
    errors.PasswordResetRequired,
)
# Which field of a request each of them is about.
_OF_FIELDS: list[tuple[type[errors.RequestRefused], str, str]] = [
    (errors.WrongPassword, "old_password", "This is not your password."),
    (errors.PasswordRefused, "new_password", "This does not meet the rules for passwords here."),
    (errors.CodeMismatch, "code", "This is not the code."),
    (errors.ExpiredCode, "code", "This code is too old. Ask for a new one."),
    (errors.CodeNotDelivered, "email", "No code could be sent to this address."),
]


class SecondFactorUnavailable(APIException):
    """The pool has authenticator apps switched off, or no secret was asked for before a code."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "second_factor_unavailable"
    default_detail = "There is no authenticator app to set up here: begin with POST."


def as_api_error(refused: errors.RequestRefused) -> APIException:
    """The error of ours that a refusal is; what it does not name is a value of the request."""
    if isinstance(refused, _SIGN_IN_AGAIN):
        # The token verifies, but Cognito knows that its sign-in is over.
        return AuthenticationFailed("The token has been revoked.", code="token_revoked")
    if isinstance(refused, errors.TooManyRequests):
        return Throttled(wait=refused.retry_after)
    if isinstance(refused, errors.NoSuchSecondFactor):
        return SecondFactorUnavailable()
    for kind, name, message in _OF_FIELDS:
        if isinstance(refused, kind):
            return ValidationError({name: [message]})
    return ValidationError({"non_field_errors": ["The user pool does not accept this."]})
