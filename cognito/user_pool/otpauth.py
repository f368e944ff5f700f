"""The `otpauth` address that sets up an authenticator app."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def otpauth_uri(*, issuer: str, account: str, secret: str) -> str:
    """Return `otpauth://totp/…` for codes of six digits, every thirty seconds, by SHA-1.

    Cognito expects these values. They are the defaults of every app, and some apps fail if they are
    given, so the address leaves them out.

    Args:
        account: the label that the app shows beside the issuer, such as an e-mail address.
        secret: base32, as returned by AssociateSoftwareToken.

    Source: https://github.com/google/google-authenticator/wiki/Key-Uri-Format
    """
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    parameters = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{parameters}"
