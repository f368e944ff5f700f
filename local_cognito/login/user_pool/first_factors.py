"""The first factors that a user pool allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PASSWORD, WEB_AUTHN, EMAIL_OTP, SMS_OTP = "PASSWORD", "WEB_AUTHN", "EMAIL_OTP", "SMS_OTP"
# In the order in which a page offers them.
FACTORS = (PASSWORD, WEB_AUTHN, EMAIL_OTP, SMS_OTP)
# The only relying party whose passkeys browsers use at these pages.
_OWN_RELYING_PARTY = "localhost"


def usable(pool: Mapping[str, Any], mfa_config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the factors that the pages offer.

    `pool` and `mfa_config` are answers of DescribeUserPool and GetUserPoolMfaConfig. Where a second
    factor is required, Cognito accepts codes and passkeys as the first one only if a passkey counts
    as two.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    policy = pool.get("Policies", {}).get("SignInPolicy", {})
    allowed = set(policy.get("AllowedFirstAuthFactors") or [PASSWORD])
    passkeys = mfa_config.get("WebAuthnConfiguration", {})
    if mfa_config.get("MfaConfiguration") == "ON":
        counts_as_two = passkeys.get("FactorConfiguration") == "MULTI_FACTOR_WITH_USER_VERIFICATION"
        allowed &= {PASSWORD, WEB_AUTHN} if counts_as_two else {PASSWORD}
    if passkeys.get("RelyingPartyId", _OWN_RELYING_PARTY) != _OWN_RELYING_PARTY:
        allowed -= {WEB_AUTHN}
    return tuple(factor for factor in FACTORS if factor in allowed) or (PASSWORD,)
