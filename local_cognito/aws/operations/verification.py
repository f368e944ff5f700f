"""Codes that verify a user's e-mail address or phone number.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifyUserAttribute.html
"""

from __future__ import annotations

from local_cognito.aws import codes
from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import attributes, set_attributes
from local_cognito.aws.service_errors import InvalidParameter

VERIFIABLE = ("email", "phone_number")
# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
CODE_SECONDS = 24 * 60 * 60


def get_code(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    name = _verifiable(request["AttributeName"])
    value = attributes(user).get(name)
    if not value:
        raise InvalidParameter(f"User has no attribute {name} to verify.")
    delivery = codes.send(
        context, pool, user, purpose=f"verify:{name}", attribute=name, seconds=CODE_SECONDS
    )
    return {"CodeDeliveryDetails": delivery}


def verify_user_attribute(request: Request, context: Context) -> Answer:
    _, user = context.pools.signed_in(request["AccessToken"])
    name = _verifiable(request["AttributeName"])
    codes.redeem(context, user, purpose=f"verify:{name}", attribute=name, code=request["Code"])
    set_attributes(user, {f"{name}_verified": "true"})
    user["UserLastModifiedDate"] = context.clock()
    return {}


def _verifiable(name: str) -> str:
    if name not in VERIFIABLE:
        raise InvalidParameter("Only email and phone_number can be verified.")
    return name
