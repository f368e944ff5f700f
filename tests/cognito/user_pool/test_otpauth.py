"""Tests of the `otpauth:` address, which carries the secret to an authenticator app."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from cognito.user_pool.otpauth import otpauth_uri


def test_address_has_issuer_account_and_secret() -> None:
    uri = otpauth_uri(issuer="Example", account="ada@example.com", secret="JBSWY3DPEHPK3PXP")

    assert uri == (
        "otpauth://totp/Example:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Example"
    )


def test_special_characters_of_an_account_name_are_escaped() -> None:
    account = "a:b/c?secret=X&issuer=Y#é z%20"

    parts = urlsplit(otpauth_uri(issuer="Gate & house", account=account, secret="JBSW"))

    assert unquote(parts.path) == f"/Gate & house:{account}"
    assert parts.path.count(":") == 1
    assert parse_qsl(parts.query) == [("secret", "JBSW"), ("issuer", "Gate & house")]
    assert "+" not in parts.query
    assert not parts.fragment
