"""What the user pool refuses somebody who changes their own account, as this API says it."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    Throttled,
    ValidationError,
)

from api.auth.refusals import refused_password, refused_values, wrong_code
from cognito import errors

SIGN_IN_AGAIN = (
    errors.NotAuthorized,
    errors.UserNotFound,
    errors.UserNotConfirmed,
    errors.PasswordResetRequired,
)


# What `me/profile` takes.
PROFILE = frozenset({"email", "locale", "name", "phone_number", "zoneinfo"})


class SecondFactorUnavailable(APIException):
    """The pool has authenticator apps switched off, or no secret was asked for before a code."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "second_factor_unavailable"
    default_detail = "There is no authenticator app to set up here: begin with POST."


class SecondFactorRequired(APIException):
    """The pool demands one of everybody."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "second_factor_required"
    default_detail = "Everybody here signs in with a second factor: it cannot be switched off."


def as_api_error(refused: errors.RequestRefused) -> APIException:
    """The error of ours that a refusal is; what it does not name is a value of the request."""
    error: APIException
    match refused:
        case errors.TooManyRequests():
            error = Throttled(wait=refused.retry_after)
        case errors.NoSuchSecondFactor():
            error = SecondFactorUnavailable()
        case errors.WrongPassword():
            error = ValidationError({"old_password": [refused.message]})
        case errors.PasswordRefused():
            error = refused_password("new_password")
        case errors.CodeMismatch() | errors.ExpiredCode():
            error = wrong_code()
        case errors.CodeNotDelivered():
            error = ValidationError({"email": ["No code could be sent to this address."]})
        case errors.InvalidParameter() if refused.attributes:
            error = refused_values(refused, sorted(refused.attributes & PROFILE))
        case _ if isinstance(refused, SIGN_IN_AGAIN):
            # The token verifies, but Cognito knows that its sign-in is over.
            error = AuthenticationFailed("The token has been revoked.", code="token_revoked")
        case _:
            error = ValidationError({"non_field_errors": ["The user pool does not accept this."]})
    return error
