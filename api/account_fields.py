"""The fields that requests about accounts are made of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from rest_framework import serializers

from accounts.label_rules import visible
from accounts.password_rules import not_common
from api.fields import Text
from cognito.attributes import phone_numbers
from cognito.attributes.usernames import MAX_CHARACTERS, normalised

# Cognito's own limits.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
MAX_PASSWORD_CHARACTERS = 256
MAX_CODE_CHARACTERS = 2048
# Cognito's refresh tokens have 1,800 characters or so.
MAX_REFRESH_TOKEN_CHARACTERS = 8192

no_spaces = RegexValidator(r"^\S+\Z", "This has spaces in it.")
# A compact JWE or JWS (RFC 7515 section 3): three or five parts.
compact_token = RegexValidator(
    r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_=-]*){2,4}\Z", "This is not a refresh token."
)


class EmailAddress(Text, serializers.EmailField):
    """An address, normalised."""

    default_validators = (visible,)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_CHARACTERS} | options)

    def to_internal_value(self, data: object) -> str:
        """Raises ValidationError for anything but a string."""
        return normalised(super().to_internal_value(data))


class PhoneNumber(Text):
    """A telephone number, in the one form that Cognito takes."""

    default_validators = (RegexValidator(phone_numbers.PATTERN, phone_numbers.MESSAGE),)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": phone_numbers.MAX_CHARACTERS} | options)


class Password(Text):
    """Exactly as it was sent: no character of a password is nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_PASSWORD_CHARACTERS} | options)


def long_enough(password: str) -> None:
    """The pool's own rule, told here first.

    The pool may look for the account before it looks at the password: its answer to a short one
    would then tell strangers who has an account.
    """
    least = settings.COGNITO_PASSWORD_MIN_LENGTH
    if len(password) < least:
        raise serializers.ValidationError(f"Use at least {least} characters.")


def acceptable(password: str) -> None:
    """Raises ValidationError for the first rule that a new password does not meet."""
    long_enough(password)
    not_common(password)


class NewPassword(Password):
    """A password that the pool may take."""

    default_validators = (acceptable,)


class Code(Text):
    """A confirmation or one-time code. Spaces around it, as they come with pasting, are dropped."""

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "max_length": MAX_CODE_CHARACTERS,
            "trim_whitespace": True,
            "validators": [no_spaces],
        }
        super().__init__(**defaults | options)


class RefreshToken(Text):
    """A refresh token, by its length alone: whether it is one is not the body's fault."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_REFRESH_TOKEN_CHARACTERS} | options)
