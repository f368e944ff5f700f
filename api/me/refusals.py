"""What the user pool refuses a user who changes their own account, as this API says it."""

from __future__ import annotations

from rest_framework.exceptions import APIException

from api.refusals import Conflict, TokenRevoked, translate_refusal
from cognito import errors

# The token verifies, but Cognito knows that its sign-in has ended.
SIGN_IN_AGAIN = (
    errors.NotAuthorized,
    errors.UserNotFound,
    errors.UserNotConfirmed,
    errors.PasswordResetRequired,
)
FIELDS: dict[type[errors.RequestRefused], str] = {
    errors.WrongPassword: "old_password",
    errors.PasswordRefused: "new_password",
    errors.CodeMismatch: "code",
    errors.ExpiredCode: "code",
    errors.CodeNotDelivered: "email",
}
# The attributes that `me/profile` changes.
PROFILE = ("email", "locale", "name", "phone_number", "zoneinfo")


class SecondFactorUnavailable(Conflict):
    """The pool has authenticator apps switched off, or no secret was asked for before a code."""

    default_code = "second_factor_unavailable"
    default_detail = "There is no authenticator app to set up here: begin with POST."


class SecondFactorRequired(Conflict):
    """The pool demands a second factor of every user."""

    default_code = "second_factor_required"
    default_detail = "Every user here signs in with a second factor: it cannot be switched off."


def translate(refused: errors.RequestRefused) -> APIException:
    """Return the API's error for a refusal."""
    if isinstance(refused, errors.NoSuchSecondFactor):
        return SecondFactorUnavailable()
    if isinstance(refused, SIGN_IN_AGAIN):
        return TokenRevoked()
    return translate_refusal(refused, fields=FIELDS, attributes=PROFILE)
