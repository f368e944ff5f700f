"""Serializer fields for requests about accounts."""

from __future__ import annotations

import json
from typing import Any, ClassVar

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
# Cognito's refresh tokens have about 1,800 characters.
MAX_REFRESH_TOKEN_CHARACTERS = 8192
# With an attestation, which has a chain of certificates, a credential has about 10,000.
MAX_PASSKEY_CHARACTERS = 32_768

no_spaces = RegexValidator(r"^\S+\Z", "A code has no spaces. Remove them.")
# A compact JWE or JWS (RFC 7515 section 3): three or five parts.
compact_token = RegexValidator(
    r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_=-]*){2,4}\Z", "This is not a refresh token."
)


class EmailAddress(Text, serializers.EmailField):
    """An e-mail address. The value is normalised."""

    default_validators = (visible,)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_CHARACTERS} | options)

    def to_internal_value(self, data: object) -> str:
        """Return the normalised address. Raise ValidationError unless `data` is an address."""
        return normalised(super().to_internal_value(data))


class PhoneNumber(Text):
    """A telephone number in E.164 form, the only one that Cognito accepts."""

    default_validators = (RegexValidator(phone_numbers.PATTERN, phone_numbers.MESSAGE),)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": phone_numbers.MAX_CHARACTERS} | options)


class Password(Text):
    """A password, unchanged: leading and trailing spaces are part of it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_PASSWORD_CHARACTERS} | options)


def long_enough(password: str) -> None:
    """Check the pool's minimum length. Raise ValidationError for a shorter password.

    The pool has the same rule, but may look the account up before it checks the password. Its
    answer to a short password would then reveal which accounts exist.
    """
    least = settings.COGNITO_PASSWORD_MIN_LENGTH
    if len(password) < least:
        raise serializers.ValidationError(f"Use at least {least} characters.")


def acceptable(password: str) -> None:
    """Raise ValidationError for the first rule that a new password does not meet."""
    long_enough(password)
    not_common(password)


class NewPassword(Password):
    """A new password, checked by the rules of this site."""

    default_validators = (acceptable,)


class Code(Text):
    """A confirmation or one-time code. Surrounding spaces, typical of pasted text, are dropped."""

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "max_length": MAX_CODE_CHARACTERS,
            "trim_whitespace": True,
            "validators": [no_spaces],
        }
        super().__init__(**defaults | options)


class PasskeyResponse(serializers.DictField):
    """A PublicKeyCredential as JSON, unchanged. The user pool verifies it.

    Source: https://www.w3.org/TR/webauthn-3/#dictdef-authenticationresponsejson
    """

    default_error_messages: ClassVar = {
        "invalid": "Send the credential as the browser's `toJSON()` returns it.",
        "too_long": f"Send a credential of at most {MAX_PASSKEY_CHARACTERS} characters.",
    }

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the credential. Raise ValidationError unless it has the members of one."""
        if not isinstance(data, dict) or data.get("type") != "public-key":
            self.fail("invalid")
        if not isinstance(data.get("id"), str) or not isinstance(data.get("response"), dict):
            self.fail("invalid")
        if len(json.dumps(data)) > MAX_PASSKEY_CHARACTERS:
            self.fail("too_long")
        return data


class RefreshToken(Text):
    """A refresh token. Only its length is checked here.

    A malformed token is not an invalid body: RefreshTokenView answers 401.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_REFRESH_TOKEN_CHARACTERS} | options)
