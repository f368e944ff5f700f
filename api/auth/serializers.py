"""Requests and responses of `/api/v1/auth/…`.

Unknown members of a request are ignored, such as parameters of the user pool's own API. So an
application can sign a user in with the object with which it signed the user up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.label_rules import visible, visible_characters
from api.account_fields import (
    Code,
    EmailAddress,
    NewPassword,
    PasskeyResponse,
    Password,
    PhoneNumber,
    RefreshToken,
)
from api.fields import PersonName, Text
from cognito.hosted_ui.verified_sign_in import DEVICE_KEY
from cognito.tokens.authentication import MAX_LEVELS
from cognito.tokens.jws import MAX_TOKEN_CHARACTERS
from cognito.user_pool.challenges import (
    CHALLENGES,
    FIRST_FACTORS,
    NEW_PASSWORD_REQUIRED,
    PASSWORD,
    SECOND_FACTORS,
    SELECT_CHALLENGE,
    SELECT_MFA_TYPE,
    WEB_AUTHN,
)

# The encrypted form of Cognito's session, which has at most 4,096 characters.
MAX_SESSION_CHARACTERS = 8192
MAX_ACR_CHARACTERS = 200
Fields = dict[str, Any]

token = RegexValidator(r"^[A-Za-z0-9_.-]+\Z", "This is not an access token.")
_LEVEL = r"[!#-\[\]-~]{1,64}"
level_names = RegexValidator(
    rf"^{_LEVEL}( {_LEVEL}){{0,{MAX_LEVELS - 1}}}\Z",
    f"Name 1 to {MAX_LEVELS} levels such as urn:cognito:loa:2, separated by spaces.",
)


class SignUpRequest(serializers.Serializer[Fields]):
    email = EmailAddress()
    password = NewPassword()
    name = PersonName(required=False)
    phone_number = PhoneNumber(required=False)


class EmailRequest(serializers.Serializer[Fields]):
    email = EmailAddress()


class ConfirmRequest(serializers.Serializer[Fields]):
    email = EmailAddress()
    code = Code()
    # Replaces the password of an attacker who signed up with the same address.
    password = NewPassword(required=False)


class SignInRequest(serializers.Serializer[Fields]):
    """A sign-in with a password. Without it, users choose how to sign in.

    `preferred` is the choice, if it is made already.
    """

    email = EmailAddress()
    password = Password(required=False)
    preferred = serializers.ChoiceField(FIRST_FACTORS, required=False)
    # Step-up: the levels that the sign-in must reach, and a token whose sign-in counts.
    acr_values = Text(required=False, max_length=MAX_ACR_CHARACTERS, validators=[level_names])
    access_token = Text(required=False, max_length=MAX_TOKEN_CHARACTERS, validators=[token])

    def to_internal_value(self, data: Any) -> Fields:
        """Require a password for a level, unless a token takes its place."""
        names = data.keys() if isinstance(data, Mapping) else ()
        given = {"access_token", "acr_values"} & set(names)
        self.fields["password"].required = len(given) == 1
        fields: Fields = super().to_internal_value(data)
        return fields


class ResetPasswordRequest(serializers.Serializer[Fields]):
    email = EmailAddress()
    code = Code()
    new_password = NewPassword()


class RefreshTokenRequest(serializers.Serializer[Fields]):
    refresh_token = RefreshToken()
    # A pool that tracks devices requires it. It came with the refresh token.
    device_key = Text(
        max_length=55,
        required=False,
        validators=[
            RegexValidator(
                rf"^{DEVICE_KEY.pattern}\Z",
                "This is not a device key. Send the one that came with the tokens.",
            )
        ],
    )


class ChallengeAnswers(serializers.Serializer[Fields]):
    """The answers to a challenge. The challenge decides which is required; others are ignored.

    NEW_PASSWORD_REQUIRED can ask for attributes that are not listed here, by their names.
    """

    code = Code(required=False)
    new_password = NewPassword(required=False)
    mfa = serializers.ChoiceField(SECOND_FACTORS, required=False)
    factor = serializers.ChoiceField(FIRST_FACTORS, required=False)
    password = Password(required=False)
    credential = PasskeyResponse(required=False)
    name = PersonName(required=False)
    phone_number = PhoneNumber(required=False)


class ChallengeRequest(serializers.Serializer[Fields]):
    challenge = serializers.ChoiceField(list(CHALLENGES))
    session = Text(max_length=MAX_SESSION_CHARACTERS)
    email = EmailAddress()
    answers = ChallengeAnswers()

    def validate(self, attrs: Fields) -> Fields:
        """Raise ValidationError unless the answer that the challenge asks for is present."""
        answers = attrs["answers"]
        needed = answer_to(attrs["challenge"])
        if answers.get("factor") == PASSWORD and needed == "factor":
            # Cognito takes the password with the choice.
            needed = "password"
        if needed not in answers:
            raise serializers.ValidationError({"answers": {needed: ["This field is required."]}})
        return attrs


def requested_attributes(names: Iterable[str], answers: Mapping[str, object]) -> dict[str, str]:
    """Return the user attributes in `names`, validated.

    Raises:
        ValidationError: an attribute is missing or malformed. It names the attribute.
    """
    values: dict[str, str] = {}
    problems: dict[str, Any] = {}
    for name in names:
        field = _ATTRIBUTES.get(name, _Attribute)()
        try:
            values[name] = str(field.run_validation(answers.get(name, empty)))
        except serializers.ValidationError as error:
            problems[name] = error.detail
    if problems:
        raise serializers.ValidationError({"answers": problems})
    return values


class _Attribute(Text):
    default_validators = (visible_characters, visible)

    def __init__(self, **options: Any) -> None:
        # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AttributeType.html
        super().__init__(**{"max_length": 2048} | options)


_ATTRIBUTES: dict[str, Callable[[], Text]] = {
    "email": EmailAddress,
    "name": PersonName,
    "phone_number": PhoneNumber,
}


_ANSWERS = {
    NEW_PASSWORD_REQUIRED: "new_password",
    PASSWORD: "password",
    SELECT_CHALLENGE: "factor",
    SELECT_MFA_TYPE: "mfa",
    WEB_AUTHN: "credential",
}


def answer_to(challenge: str) -> str:
    """Return the name of the member of `answers` that answers a challenge."""
    return _ANSWERS.get(challenge, "code")


class NextStep(serializers.Serializer[Fields]):
    next_step = serializers.ChoiceField(["confirm", "sign-in", "reset-password"])


class Tokens(serializers.Serializer[Fields]):
    """Tokens, named as in OAuth 2.0 (RFC 6749 section 5.1). `expires_in` is in seconds."""

    access_token = serializers.CharField()
    id_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.ChoiceField(["Bearer"])
    expires_in = serializers.IntegerField(min_value=1)
    device_key = serializers.CharField(
        required=False,
        help_text="Present if the user pool tracks devices. Send it with the refresh token.",
    )


class ChallengeParameters(serializers.Serializer[Fields]):
    """Information for the answer. Its members depend on the challenge."""

    required_attributes = serializers.ListField(child=serializers.CharField(), required=False)
    destination = serializers.CharField(required=False)
    choices = serializers.ListField(
        child=serializers.ChoiceField([*FIRST_FACTORS, "SOFTWARE_TOKEN_MFA", "SMS_MFA"]),
        required=False,
    )
    request_options = serializers.DictField(
        required=False, help_text="PublicKeyCredentialRequestOptionsJSON, for the browser."
    )
    secret = serializers.CharField(required=False)
    otpauth_uri = serializers.CharField(required=False)


class Challenge(serializers.Serializer[Fields]):
    challenge = serializers.ChoiceField(list(CHALLENGES))
    session = serializers.CharField()
    parameters = ChallengeParameters()
