"""Refusals to operators, by our rules and by the user pool, as errors of the API."""

from __future__ import annotations

from rest_framework.exceptions import (
    APIException,
    NotFound,
    PermissionDenied,
    Throttled,
    ValidationError,
)

from accounts.console.directory.errors import FactorMissing, TooMuch, WrongConfirmation
from accounts.not_allowed import NotAllowed
from api.refusals import Conflict, translate_refusal
from cognito import errors

FIELDS: dict[type[errors.RequestRefused], str] = {
    errors.PasswordRefused: "password",
    errors.CodeNotDelivered: "email",
    errors.SessionNotFound: "session",
    errors.DeviceNotFound: "device",
}
# The argument of the action that a rule of this application refuses.
ARGUMENTS: dict[type[NotAllowed], str] = {WrongConfirmation: "email", FactorMissing: "factor"}
# The attributes of an invitation.
INVITATION = ("email", "name", "phone_number")


class NotSupported(APIException):
    """The user pool service lacks the operation, so a retry cannot help."""

    status_code = errors.OperationNotSupported.status


def translate(refused: NotAllowed | errors.RequestRefused) -> APIException:
    """Return the API's error for a refusal."""
    match refused:
        case WrongConfirmation() | FactorMissing():
            return ValidationError({ARGUMENTS[type(refused)]: [refused.message]})
        case TooMuch():
            return Throttled(wait=refused.retry_after)
        case NotAllowed():
            return PermissionDenied(refused.message, code=refused.code)
        case errors.UserNotFound() | errors.GroupNotFound():
            return NotFound()
        case (
            errors.AccountExists()
            | errors.GroupExists()
            | errors.WrongUserState()
            | errors.SessionsNotTracked()
            | errors.DevicesNotRemembered()
        ):
            return Conflict(refused.message, code=refused.code)
    return translate_refusal(refused, fields=FIELDS, attributes=INVITATION)
