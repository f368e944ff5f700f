"""The address that an authenticator app takes its secret from."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def otpauth_uri(*, issuer: str, account: str, secret: str) -> str:
    """`otpauth://totp/…` for six digits every thirty seconds, by SHA-1: what Cognito expects.

    Those are the defaults of every app, so they are left out: some apps choke on them.

    Args:
        account: what the app shows beside the issuer, such as an e-mail address.
        secret: in base32, as AssociateSoftwareToken gives it.

    Source: https://github.com/google/google-authenticator/wiki/Key-Uri-Format
    """
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    parameters = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{parameters}"
