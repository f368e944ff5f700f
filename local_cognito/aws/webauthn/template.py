"""Apply the passkey settings of a CloudFormation template, which MiniStack ignores.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Property of AWS::Cognito::UserPool -> member of WebAuthnConfiguration.
PROPERTIES = {
    "WebAuthnRelyingPartyID": "RelyingPartyId",
    "WebAuthnUserVerification": "UserVerification",
    "WebAuthnFactorConfiguration": "FactorConfiguration",
}


def apply_passkey_settings(provisioners: Any) -> None:
    """Patch MiniStack's module `provisioners`.

    It calls this function for each pool that a template creates or updates.
    """
    apply_other_settings = provisioners._cognito_user_pool_software_token_mfa  # noqa: SLF001 - MiniStack has no types

    def apply(user_pool_id: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        apply_other_settings(user_pool_id, before, now)
        if not PROPERTIES.keys() & {*before, *now}:
            return
        settings = {PROPERTIES[name]: now[name] for name in PROPERTIES if name in now}
        pool = provisioners._cognito._user_pools[user_pool_id]  # noqa: SLF001
        pool["WebAuthnConfiguration"] = settings

    provisioners._cognito_user_pool_software_token_mfa = apply  # noqa: SLF001
