"""What signing in and signing up refuse, in words that do not tell who has an account."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import APIException, PermissionDenied


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
    default_detail = "This challenge has expired, or belongs to another account. Sign in again."


class InvalidRefreshToken(Unauthorized):
    default_code = "invalid_refresh_token"
    default_detail = "The refresh token is invalid or has expired. Sign in again."


class RefreshTokenReused(Unauthorized):
    default_code = "refresh_token_reused"
    default_detail = (
        "The refresh token was exchanged for a newer one before. Use that one, or sign in again."
    )


class SignUpRefused(PermissionDenied):
    default_code = "sign_up_refused"
    default_detail = "This service does not accept this sign-up."
