"""Second factors: codes of an authenticator app, by e-mail or by text message, and setting one up.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""
# ruff: noqa: SLF001

from __future__ import annotations

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, attributes
from local_cognito.aws.service_errors import InvalidParameter, ServiceError
from local_cognito.aws.sign_in import factors
from local_cognito.aws.sign_in.factors import Parameters, Responses
from local_cognito.aws.sign_in.progress import Progress
from local_cognito.aws.tokens import levels

CODE_DIGITS = 6

TOTP, SMS, EMAIL = "SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"
# What each of them proves.
METHODS = {TOTP: levels.TOTP, SMS: levels.SMS_CODE, EMAIL: levels.EMAIL_CODE}
_ADDRESSES = {SMS: "phone_number", EMAIL: "email"}
_RESPONSES = {
    TOTP: "SOFTWARE_TOKEN_MFA_CODE",
    SMS: "SMS_MFA_CODE",
    EMAIL: "EMAIL_OTP_CODE",
}


def enabled(user: Record | None) -> list[str]:
    """Return the challenges that the user can answer, the preferred one alone if there is one."""
    if user is None:
        return []
    known = [name for name in user.get("_mfa_enabled", ()) if name in METHODS]
    usable = [name for name in known if name == TOTP or attributes(user).get(_ADDRESSES[name])]
    preferred = user.get("_preferred_mfa")
    return [name for name in usable if name == preferred] or usable


def all_enabled(user: Record | None) -> list[str]:
    return [name for name in (user or {}).get("_mfa_enabled", ()) if name in METHODS]


def begin(context: Context, progress: Progress, challenge: str) -> Parameters:
    if challenge == TOTP:
        return {"FRIENDLY_DEVICE_NAME": "TOTP device", "USER_ID_FOR_SRP": progress.username or ""}
    return factors.begin_code(
        context, progress, attribute=_ADDRESSES[challenge], digits=CODE_DIGITS
    )


def check(context: Context, progress: Progress, responses: Responses) -> tuple[str, ...]:
    code = responses.get(_RESPONSES[progress.awaited])
    if progress.awaited != TOTP:
        factors.check_code(context, progress, code)
        return (METHODS[progress.awaited],)
    user = progress.user(context)
    if not code:
        raise InvalidParameter("Missing required parameter SOFTWARE_TOKEN_MFA_CODE")
    if not user or not context.pools.cognito._totp_matches(user.get("_totp_secret"), code):
        raise ServiceError("CodeMismatchException", "Invalid code received for user")
    return (levels.TOTP,)
