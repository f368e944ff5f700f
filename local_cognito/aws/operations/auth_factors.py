"""What users can sign in with.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserAuthFactors.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteSoftwareToken.html
"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import InvalidParameter
from local_cognito.aws.sign_in import factors, second


def get_user_auth_factors(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    return _factors(pool, user)


def admin_get_user_auth_factors(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    return _factors(pool, context.pools.user(pool, request["Username"]))


def admin_delete_software_token(request: Request, context: Context) -> Answer:
    """Remove a lost authenticator app. The user can then sign in without it, or set up another."""
    pool = context.pools.pool(request["UserPoolId"])
    user = context.pools.user(pool, request["Username"])
    if second.TOTP not in user.get("_mfa_enabled", ()) and not user.get("_totp_secret"):
        raise InvalidParameter("The user has no software token.")
    user.pop("_totp_secret", None)
    user.pop("_totp_pending_secret", None)
    user["_mfa_enabled"] = [name for name in user.get("_mfa_enabled", ()) if name != second.TOTP]
    if user.get("_preferred_mfa") == second.TOTP:
        user["_preferred_mfa"] = ""
    user["UserLastModifiedDate"] = context.clock()
    return {}


def _factors(pool: Record, user: Record) -> Answer:
    answer: Answer = {
        "Username": user["Username"],
        "UserMFASettingList": list(user.get("_mfa_enabled", ())),
        "ConfiguredUserAuthFactors": [
            *factors.configured(pool, user),
            *(["SOFTWARE_TOKEN"] if second.TOTP in user.get("_mfa_enabled", ()) else []),
        ],
    }
    if user.get("_preferred_mfa"):
        answer["PreferredMfaSetting"] = user["_preferred_mfa"]
    return answer
