"""The user pool's refusals to users who change their own accounts, as errors of the API."""

from __future__ import annotations

from rest_framework.exceptions import APIException, NotFound

from accounts.own_account import refusals
from api.refusals import Conflict, TokenRevoked, translate_refusal
from cognito import errors

FIELDS: dict[type[errors.RequestRefused], str] = {
    **refusals.FIELDS,
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
    if isinstance(refused, refusals.SIGN_IN_AGAIN):
        # The token verifies, but Cognito reports that its sign-in has ended.
        return TokenRevoked()
    return translate_refusal(refused, fields=FIELDS, attributes=PROFILE)
