"""The supported challenges of a sign-in, and the parameters of each that clients may see.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html#API_InitiateAuth_ResponseSyntax
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from cognito.errors import MalformedAnswer

NEW_PASSWORD_REQUIRED: Final = "NEW_PASSWORD_REQUIRED"  # noqa: S105 - the name of a challenge
SOFTWARE_TOKEN_MFA: Final = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - as above
MFA_SETUP: Final = "MFA_SETUP"
SMS_MFA: Final = "SMS_MFA"
EMAIL_OTP: Final = "EMAIL_OTP"
SMS_OTP: Final = "SMS_OTP"
SELECT_MFA_TYPE: Final = "SELECT_MFA_TYPE"
SELECT_CHALLENGE: Final = "SELECT_CHALLENGE"
PASSWORD: Final = "PASSWORD"  # noqa: S105 - as above
WEB_AUTHN: Final = "WEB_AUTHN"

# Each challenge with the name of its answer in the pool API.
CHALLENGES: Final = {
    NEW_PASSWORD_REQUIRED: "NEW_PASSWORD",
    SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE",
    MFA_SETUP: "",
    SMS_MFA: "SMS_MFA_CODE",
    EMAIL_OTP: "EMAIL_OTP_CODE",
    SELECT_MFA_TYPE: "ANSWER",
    SELECT_CHALLENGE: "ANSWER",
    PASSWORD: "PASSWORD",
    WEB_AUTHN: "CREDENTIAL",
    SMS_OTP: "SMS_OTP_CODE",
}

# Cognito sends the user a code for these.
SENT: Final = frozenset({SMS_MFA, EMAIL_OTP, SMS_OTP})
SECOND_FACTORS: Final = (SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP)
# What a user can begin a sign-in with. EMAIL_OTP is in both lists.
FIRST_FACTORS: Final = (WEB_AUTHN, EMAIL_OTP, SMS_OTP, PASSWORD)

# NEW_PASSWORD_REQUIRED puts this in front of the names of attributes.
ATTRIBUTE_PREFIX: Final = "userAttributes."
MAX_TEXT_CHARACTERS = 256
# A user has at most 20 passkeys, and each takes about 150 characters.
MAX_OPTIONS_CHARACTERS = 16_384


def parameters_of(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the user needs, and none of the pool's other parameters.

    Depending on the challenge these are `required_attributes`, `destination` (masked by the pool),
    `choices`, or `request_options` for a passkey.

    Raises:
        MalformedAnswer: the options for a passkey are missing, too long or not a JSON object.
    """
    if name == WEB_AUTHN:
        return {"request_options": _options_in(parameters.get("CREDENTIAL_REQUEST_OPTIONS"))}
    if name == NEW_PASSWORD_REQUIRED:
        required = _names_in(parameters.get("requiredAttributes"))
        return {"required_attributes": [one.removeprefix(ATTRIBUTE_PREFIX) for one in required]}
    if name in SENT:
        destination = parameters.get("CODE_DELIVERY_DESTINATION")
        is_text = isinstance(destination, str) and len(destination) <= MAX_TEXT_CHARACTERS
        return {"destination": destination} if is_text else {}
    if name == SELECT_MFA_TYPE:
        choices = _names_in(parameters.get("MFAS_CAN_CHOOSE"))
        return {"choices": [one for one in choices if one in SECOND_FACTORS]}
    return {}


def offered_to_set_up(parameters: Mapping[str, Any]) -> bool:
    """Return whether MFA_SETUP lets the user set up an authenticator app."""
    return SOFTWARE_TOKEN_MFA in _names_in(parameters.get("MFAS_CAN_SETUP"))


def first_factors_in(value: object) -> list[str]:
    """Return the supported first factors in AvailableChallenges, in the order of this module."""
    offered = value if isinstance(value, list) else []
    return [one for one in FIRST_FACTORS if one in offered]


def _options_in(value: object) -> dict[str, Any]:
    """Return PublicKeyCredentialRequestOptionsJSON, which the pool writes as JSON text.

    Source: https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialrequestoptionsjson
    """
    if not isinstance(value, str) or len(value) > MAX_OPTIONS_CHARACTERS:
        raise MalformedAnswer
    try:
        options = json.loads(value)
    except (ValueError, RecursionError):
        raise MalformedAnswer from None
    if not isinstance(options, dict):
        raise MalformedAnswer
    return options


def _names_in(value: object) -> list[str]:
    """Return the list in `value`, which the pool writes as JSON text."""
    try:
        names = json.loads(value) if isinstance(value, str) else []
    except (ValueError, RecursionError):
        return []
    return [one for one in names if isinstance(one, str)] if isinstance(names, list) else []
