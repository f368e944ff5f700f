"""Codes of six digits that the pool sends, and what they prove.

A code is valid once, for a limited time and a limited number of attempts, and only for the address
that it was sent to.
"""

from __future__ import annotations

import hmac
import secrets

from local_cognito.aws.context import Answer, Context
from local_cognito.aws.ministack_pools import Record, attributes, own
from local_cognito.aws.service_errors import ServiceError

MAXIMUM_ATTEMPTS = 5

_TEXTS = {
    "email": ("Your verification code", "Your verification code is {####}."),
    "phone_number": ("Text message", "Your verification code is {####}."),
}


def send(
    context: Context,
    pool: Record,
    user: Record,
    *,
    purpose: str,
    attribute: str,
    seconds: float,
    new_address: str | None = None,
) -> Answer:
    """Send a new code, which replaces an earlier one for the same purpose.

    `attribute` is `email` or `phone_number`. The code goes to `new_address`, which becomes the
    user's with the code, or to the address that the user has. Return CodeDeliveryDetails.
    """
    address = new_address or attributes(user)[attribute]
    code = new_code()
    own(user).setdefault("codes", {})[purpose] = {
        "code": code,
        "address": address,
        "is_new": new_address is not None,
        "expires": context.clock() + seconds,
        "attempts": 0,
    }
    deliver(context, pool, attribute=attribute, address=address, code=code)
    return delivery_details(attribute, address)


def awaited_address(user: Record, *, purpose: str) -> str | None:
    """Return the new address that a code was sent to; None without one."""
    sent = own(user).get("codes", {}).get(purpose)
    return sent["address"] if sent and sent["is_new"] else None


def redeem(context: Context, user: Record, *, purpose: str, attribute: str, code: str) -> str:
    """Check a code that `send` has sent to the user, and remove it. Return its address.

    Raises ServiceError: CodeMismatchException or ExpiredCodeException. After MAXIMUM_ATTEMPTS
    incorrect codes, the correct one is refused too.
    """
    with context.lock:
        codes = own(user).get("codes", {})
        sent = codes.get(purpose)
        if (
            sent is None
            or sent["expires"] <= context.clock()
            or (not sent["is_new"] and sent["address"] != attributes(user).get(attribute))
        ):
            codes.pop(purpose, None)
            raise ServiceError(
                "ExpiredCodeException", "Invalid code provided, please request a code again."
            )
        if not hmac.compare_digest(sent["code"].encode(), code.encode()):
            sent["attempts"] += 1
            if sent["attempts"] >= MAXIMUM_ATTEMPTS:
                del codes[purpose]
            raise ServiceError(
                "CodeMismatchException", "Invalid verification code provided, please try again."
            )
        del codes[purpose]
        address: str = sent["address"]
        return address


def new_code(digits: int = 6) -> str:
    return f"{secrets.randbelow(10**digits):0{digits}}"


def deliver(
    context: Context,
    pool: Record,
    *,
    attribute: str,
    address: str,
    code: str,
    texts: tuple[str, str] | None = None,
) -> None:
    """Send a code to an e-mail address or a phone number. The mailbox shows both."""
    subject, text = texts or _TEXTS[attribute]
    to = address if attribute == "email" else f"sms:{address}"
    context.pools.mail(
        pool, to, subject=subject, text=text.replace("{####}", code), kind="CognitoCode"
    )


def delivery_details(attribute: str, address: str) -> Answer:
    return {
        "Destination": masked(address),
        "DeliveryMedium": "EMAIL" if attribute == "email" else "SMS",
        "AttributeName": attribute,
    }


def masked(address: str) -> str:
    """Return an address as AWS shows it: `u***@e***` or `+*******9876`."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}***@{domain[:1]}***"
    return f"+*******{address[-4:]}" if address.startswith("+") else "***"
