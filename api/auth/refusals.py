"""What the user pool refuses, as this API says it: nobody learns who has an account."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework import status
from rest_framework.exceptions import APIException, PermissionDenied, Throttled, ValidationError

from cognito import errors


class Unauthorized(APIException):
    """401 of an address that takes no Authorization header; RFC 9110 wants a challenge with it."""

    status_code = status.HTTP_401_UNAUTHORIZED
    auth_header = "Bearer"


class InvalidCredentials(Unauthorized):
    default_code = "invalid_credentials"
    default_detail = (
        "The e-mail address or the password is wrong, or the account cannot be used yet: confirm "
        "the address, or reset the password."
    )


class ChallengeOver(Unauthorized):
    default_code = "challenge_over"
    default_detail = "This challenge is over, or somebody else's. Sign in again."


class InvalidRefreshToken(Unauthorized):
    default_code = "invalid_refresh_token"
    default_detail = "The refresh token is not, or no longer, good. Sign in again."


class RefreshTokenReused(Unauthorized):
    default_code = "refresh_token_reused"
    default_detail = (
        "The refresh token was exchanged for a newer one before. Use that one, or sign in again."
    )


class SignUpRefused(PermissionDenied):
    default_code = "sign_up_refused"
    default_detail = "This service does not take this sign-up."


def demand_patience(refused: errors.RequestRefused) -> None:
    """Raises Throttled if that is why."""
    if isinstance(refused, errors.TooManyRequests):
        raise Throttled(wait=refused.retry_after)


def refused_values(
    refused: errors.InvalidParameter, sent: Iterable[str], *, of: str = ""
) -> ValidationError:
    """Say which values the pool does not take, never that a code, a password or a token is wrong.

    Args:
        sent: the fields of the request that the pool's words may be about. Where those name none
            of them, each may be the one.
        of: the member of the body that the fields are in, with a dot after it.
    """
    fields = list(sent)
    named = [field for field in fields if field in refused.attributes]
    if isinstance(refused, errors.AttributeRequired):
        return ValidationError({of + one: ["This field is required."] for one in named or fields})
    message = "The user pool does not accept this value."
    blamed = [of + field for field in named or fields] or ["non_field_errors"]
    return ValidationError({field: [message] for field in blamed})


def wrong_code(field: str = "code") -> ValidationError:
    """The one answer to a wrong code, an old one, and any code for an unknown account."""
    return ValidationError({field: ["This code is wrong, or too old."]})


def refused_password(field: str) -> ValidationError:
    return ValidationError({field: ["This does not meet the rules for passwords here."]})
