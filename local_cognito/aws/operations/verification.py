"""Codes that verify a user's e-mail address or phone number.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifyUserAttribute.html
"""

from __future__ import annotations

from local_cognito.aws import codes
from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record, attributes, set_attributes
from local_cognito.aws.service_errors import InvalidParameter, ServiceError

VERIFIABLE = ("email", "phone_number")
# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
CODE_SECONDS = 24 * 60 * 60


def changes_address(request: Request, context: Context) -> bool:
    """Return whether an unchecked UpdateUserAttributes changes something that is verified."""
    del context
    given = request.get("UserAttributes")
    return isinstance(given, list) and any(
        isinstance(one, dict) and one.get("Name") in VERIFIABLE for one in given
    )


def update_user_attributes(request: Request, context: Context) -> Answer:
    """Change attributes. A new address must be verified, and may replace the old one only then.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html
    """
    pool, user = context.pools.signed_in(request["AccessToken"])
    known = attributes(user)
    given = {one["Name"]: one.get("Value") or "" for one in request["UserAttributes"]}
    settings = pool.get("UserAttributeUpdateSettings") or {}
    waits = settings.get("AttributesRequireVerificationBeforeUpdate") or ()
    deliveries = []
    for name in VERIFIABLE:
        address = given.get(name)
        if not address or address == known.get(name):
            continue
        _require_free(context, pool, user, name, address)
        is_sent = name in waits or name in pool.get("AutoVerifiedAttributes", ())
        if name in waits:
            del given[name]
        else:
            given[f"{name}_verified"] = "false"
        if is_sent:
            deliveries.append((name, address, name in waits))
    rest = [{"Name": name, "Value": value} for name, value in given.items()]
    if rest:
        context.pools.call("UpdateUserAttributes", {**request, "UserAttributes": rest})
    return {
        "CodeDeliveryDetailsList": [
            _send(context, pool, user, name, new_address=address if waiting else None)
            for name, address, waiting in deliveries
        ]
    }


def get_code(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    name = _verifiable(request["AttributeName"])
    new_address = codes.awaited_address(user, purpose=f"verify:{name}")
    if not new_address and not attributes(user).get(name):
        raise InvalidParameter(f"User has no attribute {name} to verify.")
    return {"CodeDeliveryDetails": _send(context, pool, user, name, new_address=new_address)}


def verify_user_attribute(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    name = _verifiable(request["AttributeName"])
    purpose = f"verify:{name}"
    waiting = codes.awaited_address(user, purpose=purpose)
    if waiting:
        _require_free(context, pool, user, name, waiting)
    address = codes.redeem(context, user, purpose=purpose, attribute=name, code=request["Code"])
    set_attributes(user, {name: address, f"{name}_verified": "true"})
    user["UserLastModifiedDate"] = context.clock()
    return {}


def _send(
    context: Context, pool: Record, user: Record, name: str, *, new_address: str | None
) -> Answer:
    return codes.send(
        context,
        pool,
        user,
        purpose=f"verify:{name}",
        attribute=name,
        seconds=CODE_SECONDS,
        new_address=new_address,
    )


def _require_free(context: Context, pool: Record, user: Record, name: str, address: str) -> None:
    """Refuse an address with which another user signs in."""
    if name not in {*pool.get("UsernameAttributes", ()), *pool.get("AliasAttributes", ())}:
        return
    owner = context.pools.find_user(pool, address)
    if owner is not None and owner is not user:
        raise ServiceError("AliasExistsException", "An account with the given address exists.")


def _verifiable(name: str) -> str:
    if name not in VERIFIABLE:
        raise InvalidParameter("Only email and phone_number can be verified.")
    return name
