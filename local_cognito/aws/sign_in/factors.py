"""First factors: what a user can begin a sign-in with.

To add a factor, write its functions and add it to FACTORS.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from local_cognito.aws import codes, triggers
from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, attributes, own, set_attributes
from local_cognito.aws.service_errors import (
    InvalidParameter,
    NotAuthorized,
    ServiceError,
)
from local_cognito.aws.sign_in.progress import Progress
from local_cognito.aws.tokens import levels
from local_cognito.aws.user_import import rows
from local_cognito.aws.webauthn import factor as passkey
from local_cognito.aws.webauthn import user_pool

Parameters = dict[str, str]
Responses = Mapping[str, str]

# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
CODE_DIGITS = 8
CODE_SECONDS = 5 * 60
PASSKEY = "WEB_AUTHN"
# With own(): the password of a user who signed up without one. MiniStack accepts every password for
# an empty one.
UNKNOWN_PASSWORD = "unknown_password"  # noqa: S105


@dataclass(frozen=True)
class Factor:
    """A first factor.

    Attributes:
        policy: its name in `AllowedFirstAuthFactors` of the pool.
        is_set_up: returns whether a user has it.
        begin: returns the ChallengeParameters of its challenge, and keeps in `progress.state` what
            the check needs. It does the same for an unknown user.
        check: returns the values of `amr` that a response proves. Raises ServiceError.
        next_challenge: the challenge that its responses name, if not its own name.
    """

    policy: str
    is_set_up: Callable[[Record, Record], bool]
    begin: Callable[[Context, Progress, Responses], Parameters]
    check: Callable[[Context, Progress, Responses], tuple[str, ...]]
    next_challenge: str = ""


def available(pool: Record, user: Record | None, typed: str = "") -> list[str]:
    """Return the names of the factors that the pool allows and the user has.

    For an unknown user (None), return those of a user who could have the name `typed`, so that the
    answer reveals nothing.
    """
    allowed = _allowed(pool)
    if user is None:
        typical = [name for name in _TYPICAL if FACTORS[name].policy in allowed]
        return [*typical, PASSKEY] if user_pool.seems_to_have_passkey(pool, typed) else typical
    only_password = user.get("UserStatus") in {"FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"}
    return [
        name
        for name, factor in FACTORS.items()
        if factor.policy in allowed
        and factor.is_set_up(pool, user)
        and not (only_password and factor.policy != "PASSWORD")
    ]


def allows_codes(pool: Record) -> bool:
    """Return whether codes can replace passwords, so that a user needs none."""
    return not {"EMAIL_OTP", "SMS_OTP"}.isdisjoint(_allowed(pool))


def _allowed(pool: Record) -> list[str]:
    allowed = ["PASSWORD"]
    if pool.get("UserPoolTier") == "LITE":
        return allowed
    policy = (pool.get("Policies") or {}).get("SignInPolicy") or {}
    return policy.get("AllowedFirstAuthFactors") or allowed


def configured(pool: Record, user: Record) -> list[str]:
    """Return the factors as GetUserAuthFactors names them."""
    return list(dict.fromkeys(FACTORS[name].policy for name in available(pool, user)))


# --- password ---


def _has_password(pool: Record, user: Record) -> bool:
    del pool
    password = user.get("_password")
    is_known = password and password != own(user).get(UNKNOWN_PASSWORD)
    return bool(is_known) and not user.get("_provider_disabled")


def _begin_password(context: Context, progress: Progress, responses: Responses) -> Parameters:
    del context, progress, responses
    return {}


def _check_password(context: Context, progress: Progress, responses: Responses) -> tuple[str, ...]:
    password = responses.get("PASSWORD")
    if not password:
        raise InvalidParameter("Missing required parameter PASSWORD")
    user = progress.user(context) or _migrated(context, progress, password)
    if user:
        rows.adopt_password(user, password)
    expected = (user or {}).get("_password") or ""
    if not (hmac.compare_digest(expected.encode(), password.encode()) and expected):
        raise NotAuthorized
    return (levels.PASSWORD,)


def _migrated(context: Context, progress: Progress, password: str) -> Record | None:
    """Bring an unknown user along, if the pool has a trigger that knows one."""
    user = triggers.migrate(
        context,
        progress.pool(context),
        progress.client(context),
        progress.typed,
        password=password,
        metadata=progress.metadata,
    )
    if user is not None:
        progress.username = user["Username"]
    return user


def _begin_srp(context: Context, progress: Progress, responses: Responses) -> Parameters:
    srp_a = responses.get("SRP_A", "")
    if not context.pools.cognito._SRP_A_RE.match(srp_a):
        raise InvalidParameter("Missing required parameter SRP_A, a hexadecimal number")
    user = progress.user(context)
    user_id = user["Username"] if user else _invented_user_id(progress)
    progress.state["user_id"] = user_id
    secret_block = base64.b64encode(secrets.token_bytes(48)).decode()
    parameters: Parameters
    parameters, progress.state["srp"] = context.pools.cognito._srp_challenge(
        progress.user_pool_id, user, user_id, srp_a, secret_block
    )
    return parameters


def _invented_user_id(progress: Progress) -> str:
    """Return what looks like the user name of an unknown user, the same one each time."""
    return str(uuid5(NAMESPACE_URL, f"{progress.user_pool_id}/{progress.typed}"))


def _check_srp(context: Context, progress: Progress, responses: Responses) -> tuple[str, ...]:
    cognito, state = context.pools.cognito, progress.state.get("srp")
    malformed = cognito._srp_response_format_error(responses)
    if malformed or not state:
        raise InvalidParameter("The response to PASSWORD_VERIFIER is malformed.")
    user = progress.user(context)
    if not user or not cognito._srp_proof_valid(progress.user_pool_id, user, state, responses):
        raise NotAuthorized
    return (levels.PASSWORD,)


# --- codes ---


def _has_address(attribute: str) -> Callable[[Record, Record], bool]:
    def has(pool: Record, user: Record) -> bool:
        del pool
        # A code proves an address that the user has confirmed. Otherwise, an attacker who signs up
        # with the address of another person could share an account with that person.
        known = attributes(user)
        return bool(known.get(attribute)) and known.get(f"{attribute}_verified") == "true"

    return has


def begin_code(context: Context, progress: Progress, *, attribute: str, digits: int) -> Parameters:
    """Send a code to the user's address. For an unknown user, only pretend to."""
    user = progress.user(context)
    address = attributes(user).get(attribute) if user else progress.typed
    progress.state["code"] = {
        "value": codes.new_code(digits),
        "expires": context.clock() + CODE_SECONDS,
    }
    if user and address:
        pool = progress.pool(context)
        codes.deliver(
            context,
            pool,
            attribute=attribute,
            address=address,
            code=progress.state["code"]["value"],
            texts=_texts(pool, attribute),
        )
    return {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL" if attribute == "email" else "SMS",
        "CODE_DELIVERY_DESTINATION": codes.masked(address or progress.typed),
    }


def check_code(context: Context, progress: Progress, code: str | None) -> None:
    """Raises ServiceError: CodeMismatchException or ExpiredCodeException."""
    sent = progress.state.get("code")
    if not code:
        raise InvalidParameter("Missing required parameter: the code")
    if sent is None or sent["expires"] <= context.clock():
        raise ServiceError(
            "ExpiredCodeException", "Invalid code provided, please request a code again."
        )
    if progress.username is None or not hmac.compare_digest(sent["value"].encode(), code.encode()):
        raise ServiceError("CodeMismatchException", "Invalid code or auth state for the user.")


def _begin_email(context: Context, progress: Progress, responses: Responses) -> Parameters:
    del responses
    return begin_code(context, progress, attribute="email", digits=CODE_DIGITS)


def _check_email(context: Context, progress: Progress, responses: Responses) -> tuple[str, ...]:
    check_code(context, progress, responses.get("EMAIL_OTP_CODE"))
    _verify(context, progress, "email")
    return (levels.EMAIL_CODE,)


def _begin_sms(context: Context, progress: Progress, responses: Responses) -> Parameters:
    del responses
    return begin_code(context, progress, attribute="phone_number", digits=CODE_DIGITS)


def _check_sms(context: Context, progress: Progress, responses: Responses) -> tuple[str, ...]:
    check_code(context, progress, responses.get("SMS_OTP_CODE"))
    _verify(context, progress, "phone_number")
    return (levels.SMS_CODE,)


def _verify(context: Context, progress: Progress, attribute: str) -> None:
    user = progress.user(context)
    if user:
        set_attributes(user, {f"{attribute}_verified": "true"})


def _texts(pool: Record, attribute: str) -> tuple[str, str]:
    if attribute == "phone_number":
        message = pool.get("SmsAuthenticationMessage") or "Your sign-in code is {####}."
        return "Text message", message
    configured_texts: Mapping[str, Any] = pool.get("EmailMfaConfiguration") or {}
    return (
        configured_texts.get("Subject") or "Your sign-in code",
        configured_texts.get("Message") or "Your sign-in code is {####}.",
    )


# In the order in which AvailableChallenges lists them. A user who has only one of them, or both
# forms of a password, still gets to choose as on AWS.
FACTORS: dict[str, Factor] = {
    "PASSWORD": Factor("PASSWORD", _has_password, _begin_password, _check_password),
    "PASSWORD_SRP": Factor(
        "PASSWORD", _has_password, _begin_srp, _check_srp, next_challenge="PASSWORD_VERIFIER"
    ),
    "EMAIL_OTP": Factor("EMAIL_OTP", _has_address("email"), _begin_email, _check_email),
    "SMS_OTP": Factor("SMS_OTP", _has_address("phone_number"), _begin_sms, _check_sms),
    PASSKEY: Factor(PASSKEY, user_pool.can_sign_in, passkey.begin, passkey.check),
}
_TYPICAL = ("PASSWORD", "PASSWORD_SRP", "EMAIL_OTP")
