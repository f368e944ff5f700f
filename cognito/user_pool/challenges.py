"""Which challenges of a sign-in are understood here, and what of their parameters is passed on.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html#API_InitiateAuth_ResponseSyntax
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

NEW_PASSWORD_REQUIRED: Final = "NEW_PASSWORD_REQUIRED"  # noqa: S105 - the name of a challenge
SOFTWARE_TOKEN_MFA: Final = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - as above
MFA_SETUP: Final = "MFA_SETUP"
SMS_MFA: Final = "SMS_MFA"
EMAIL_OTP: Final = "EMAIL_OTP"
SELECT_MFA_TYPE: Final = "SELECT_MFA_TYPE"

# Each with the name that the pool knows its answer by.
CHALLENGES: Final = {
    NEW_PASSWORD_REQUIRED: "NEW_PASSWORD",
    SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE",
    MFA_SETUP: "",
    SMS_MFA: "SMS_MFA_CODE",
    EMAIL_OTP: "EMAIL_OTP_CODE",
    SELECT_MFA_TYPE: "ANSWER",
}

# Each of these has sent a message.
SENT: Final = frozenset({SMS_MFA, EMAIL_OTP})
SECOND_FACTORS: Final = (SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP)

# How NEW_PASSWORD_REQUIRED names attributes of the user.
ATTRIBUTE_PREFIX: Final = "userAttributes."
MAX_TEXT_CHARACTERS = 256


def parameters_of(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What whoever signs in needs to know; nothing else of the pool's parameters is passed on.

    `required_attributes`, `destination` (masked by the pool) or `choices`, by the challenge.
    """
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
    """Whether MFA_SETUP lets the user set up an authenticator app."""
    return SOFTWARE_TOKEN_MFA in _names_in(parameters.get("MFAS_CAN_SETUP"))


def _names_in(value: object) -> list[str]:
    """The pool writes lists as JSON in text."""
    try:
        names = json.loads(value) if isinstance(value, str) else []
    except (ValueError, RecursionError):
        return []
    return [one for one in names if isinstance(one, str)] if isinstance(names, list) else []
