"""The user pool's refusals to users who change their own accounts, as errors of the API."""

from __future__ import annotations

from rest_framework.exceptions import APIException, NotFound

from api.refusals import Conflict, TokenRevoked, translate_refusal
from cognito import errors

# The token verifies, but Cognito reports that its sign-in has ended.
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
    errors.PasskeyRefused: "credential",
}
# The attributes that `me/profile` can change.
PROFILE = ("email", "locale", "name", "phone_number", "zoneinfo")


class SecondFactorUnavailable(Conflict):
    """The pool does not allow authenticator apps, or no secret was requested before the code."""

    default_code = "second_factor_unavailable"
    default_detail = (
        "The user pool does not allow authenticator apps, or no set-up has begun. Begin with POST."
    )


class SecondFactorRequired(Conflict):
    """The pool requires a second factor of all users."""

    default_code = "second_factor_required"
    default_detail = "All users need a second factor. Set up another app instead of removing it."


class PasskeysUnavailable(Conflict):
    """The pool does not allow passkeys, or lacks their relying party."""

    default_code = "passkeys_unavailable"
    default_detail = errors.PasskeysUnavailable.message


class LastFactor(Conflict):
    """The account would have no way to sign in."""

    default_code = "last_factor"
    default_detail = errors.LastFactor.message


def translate(refused: errors.RequestRefused) -> APIException:
    """Return the API's error for a refusal."""
    if isinstance(refused, errors.NoSuchSecondFactor):
        return SecondFactorUnavailable()
    if isinstance(refused, errors.PasskeyNotFound):
        return NotFound()
    if isinstance(refused, errors.PasskeysUnavailable):
        return PasskeysUnavailable()
    if isinstance(refused, errors.LastFactor):
        return LastFactor()
    if isinstance(refused, SIGN_IN_AGAIN):
        return TokenRevoked()
    return translate_refusal(refused, fields=FIELDS, attributes=PROFILE)
