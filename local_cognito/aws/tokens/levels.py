"""Levels of authentication: the claims `acr` and `amr`.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-step-up-authentication.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from local_cognito.aws.ministack_pools import Record

# The values of `amr` for each method.
PASSWORD = "pwd"  # noqa: S105
TOTP = "otp"
SMS_CODE = "sms"
EMAIL_CODE = "email_otp"
PLATFORM_PASSKEY = "swk"
ROAMING_PASSKEY = "hwk"
SEVERAL = "mfa"
FEDERATED = "fed"

LEVELS = (1, 2, 3, 4)
_CODES = {SMS_CODE, EMAIL_CODE}
_PASSKEYS = {PLATFORM_PASSKEY, ROAMING_PASSKEY}


def level(methods: Collection[str]) -> int:
    """Return the highest level that the methods satisfy; 0 if they satisfy none."""
    proven = set(methods)
    if {PASSWORD, TOTP} <= proven:
        return 4
    if proven & _PASSKEYS or (PASSWORD in proven and proven & _CODES):
        return 3
    if proven & _CODES:
        return 2
    return 1 if PASSWORD in proven else 0


def authentication_methods(methods: Sequence[str]) -> list[str]:
    """Return the claim `amr`."""
    distinct = list(dict.fromkeys(methods))
    return [*distinct, SEVERAL] if len(distinct) > 1 else distinct


def names(pool: Record) -> Mapping[int, str]:
    """Return what the pool calls each level (`AcrConfiguration`)."""
    configured = pool.get("AcrConfiguration") or {}
    return {
        number: configured.get(f"Level{number}", {}).get("AcrValue", f"urn:cognito:loa:{number}")
        for number in LEVELS
    }


def requested(pool: Record, acr_values: str) -> list[int]:
    """Return the levels of a list separated by spaces, in its order, without unknown names."""
    numbers = {name: number for number, name in names(pool).items()}
    return [numbers[name] for name in acr_values.split() if name in numbers]
