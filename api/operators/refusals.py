"""What the rules or the user pool refuse an operator, as this API says it."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    NotFound,
    PermissionDenied,
    Throttled,
    ValidationError,
)

from accounts.console.directory.errors import NotAllowed, TooMuch, WrongConfirmation
from api.auth.refusals import refused_values
from cognito import errors

# The attributes that an invitation takes.
INVITATION = frozenset({"email", "name", "phone_number"})


class NotSupported(APIException):
    """The user pool service lacks the operation, so trying again does not help."""

    status_code = status.HTTP_501_NOT_IMPLEMENTED


class Conflict(APIException):
    """The user or group is not in a state for it."""

    status_code = status.HTTP_409_CONFLICT


def of_rules(refused: NotAllowed) -> APIException:
    if isinstance(refused, WrongConfirmation):
        return ValidationError({"email": [refused.message]})
    if isinstance(refused, TooMuch):
        return Throttled(wait=refused.retry_after)
    return PermissionDenied(refused.message, code=refused.code)


def of_pool(refused: errors.RequestRefused) -> APIException:
    """What is not named is a value of the request that the pool does not take."""
    refusal: APIException
    match refused:
        case errors.UserNotFound() | errors.GroupNotFound():
            refusal = NotFound()
        case errors.TooManyRequests():
            refusal = Throttled(wait=refused.retry_after)
        case errors.AccountExists():
            refusal = Conflict("Somebody has this e-mail address already.", code=refused.code)
        case errors.GroupExists() | errors.WrongUserState():
            refusal = Conflict(refused.message, code=refused.code)
        case errors.PasswordRefused():
            refusal = ValidationError({"password": [refused.message]})
        case errors.CodeNotDelivered():
            refusal = ValidationError({"email": ["No mail could be sent to this address."]})
        case errors.InvalidParameter() if refused.attributes:
            refusal = refused_values(refused, sorted(refused.attributes & INVITATION))
        case _:
            refusal = ValidationError({"non_field_errors": ["The user pool does not accept this."]})
    return refusal
