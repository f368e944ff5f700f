from __future__ import annotations

from typing import Any

import pytest

from local_cognito.login.user_pool.first_factors import usable

ALL = ["SMS_OTP", "WEB_AUTHN", "EMAIL_OTP", "PASSWORD"]
TWO = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}


@pytest.mark.parametrize(
    ("allowed", "mfa_config", "expected"),
    [
        (None, {}, ("PASSWORD",)),
        ([], {}, ("PASSWORD",)),
        (["PASSWORD"], {}, ("PASSWORD",)),
        (ALL, {}, ("PASSWORD", "WEB_AUTHN", "EMAIL_OTP", "SMS_OTP")),
        (["EMAIL_OTP", "WEB_AUTHN"], {}, ("WEB_AUTHN", "EMAIL_OTP")),
        (ALL, {"MfaConfiguration": "OPTIONAL"}, ("PASSWORD", "WEB_AUTHN", "EMAIL_OTP", "SMS_OTP")),
        (ALL, {"MfaConfiguration": "ON"}, ("PASSWORD",)),
        (
            ALL,
            {"MfaConfiguration": "ON", "WebAuthnConfiguration": TWO},
            ("PASSWORD", "WEB_AUTHN"),
        ),
        (["EMAIL_OTP"], {"MfaConfiguration": "ON"}, ("PASSWORD",)),
        (["PASSWORD", "UNKNOWN"], {}, ("PASSWORD",)),
        (
            ["PASSWORD", "WEB_AUTHN"],
            {"WebAuthnConfiguration": {"RelyingPartyId": "localhost"}},
            ("PASSWORD", "WEB_AUTHN"),
        ),
        # Browsers refuse passkeys of another domain at these pages.
        (
            ["PASSWORD", "WEB_AUTHN"],
            {"WebAuthnConfiguration": {"RelyingPartyId": "login.example.com"}},
            ("PASSWORD",),
        ),
    ],
)
def test_pages_offer_what_the_pool_allows(
    allowed: list[str] | None, mfa_config: dict[str, Any], expected: tuple[str, ...]
) -> None:
    policy = {} if allowed is None else {"SignInPolicy": {"AllowedFirstAuthFactors": allowed}}
    assert usable({"Policies": policy}, mfa_config) == expected
