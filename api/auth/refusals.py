"""Errors of sign-in and sign-up. They do not reveal which accounts exist."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import APIException, PermissionDenied

from api.challenges import bearer_challenge
from api.refusals import Conflict
from cognito import errors


class Unauthorized(APIException):
    """A 401 of a view that ignores the Authorization header. RFC 9110 requires a challenge."""

    status_code = status.HTTP_401_UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__()
        self.auth_header = bearer_challenge()


class InvalidCredentials(Unauthorized):
    default_code = "invalid_credentials"
    default_detail = (
        "The e-mail address or the password is wrong, or the account is not ready. Check both, "
        "confirm the address, or reset the password."
    )


class PasskeyRefused(Unauthorized):
    default_code = "passkey_refused"
    default_detail = (
        "The passkey was not accepted, or its challenge has expired. Start the sign-in again."
    )


class ChoiceUnavailable(Conflict):
    default_code = "sign_in_by_choice_unavailable"
    default_detail = errors.ChoiceUnavailable.message


class ChallengeOver(Unauthorized):
    default_code = "challenge_over"
    default_detail = "This challenge has expired, or belongs to another account. Sign in again."


class InvalidRefreshToken(Unauthorized):
    default_code = "invalid_refresh_token"
    default_detail = "The refresh token is invalid or has expired. Sign in again."


class RefreshTokenReused(Unauthorized):
    default_code = "refresh_token_reused"
    default_detail = (
        "The refresh token was already exchanged for a newer one. Use that one, or sign in again."
    )


class SignUpRefused(PermissionDenied):
    default_code = "sign_up_refused"
    default_detail = "This service does not accept the sign-up. Ask its operator for an account."
