"""Users to sign in as, and what they have in their hands."""

from __future__ import annotations

import base64
import hmac
import struct
import time

from playwright.sync_api import Page

from infra.tokens import access_token
from infra.users import ensure_user
from tests.support.gatehouse import Stack

PASSWORD = "a long enough password"


def have_user(stack: Stack, email: str) -> None:
    """A confirmed user of the pool, who has PASSWORD."""
    ensure_user(
        stack.aws.cognito(),
        user_pool_id=stack.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=[],
    )


def enrol_authenticator_app(stack: Stack, email: str) -> str:
    """Through the pool's API, as the app would; gives the secret."""
    cognito = stack.aws.cognito()
    token = access_token(
        cognito,
        client_id=stack.pool.web_client_id,
        client_secret=stack.pool.web_client_secret,
        email=email,
        password=PASSWORD,
    )
    secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=code_of(secret))
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return secret


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    (number,) = struct.unpack_from(">I", mac, mac[-1] & 0x0F)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


def wrong_code_of(secret: str) -> str:
    return f"{(int(code_of(secret)) + 1) % 10**6:06}"


def read_code(page: Page, email: str) -> str:
    """The code in the latest mail to that address, as the mailbox page shows it."""
    mail = page.locator("article", has_text=f"To {email},").first
    return mail.locator(".code").inner_text()
