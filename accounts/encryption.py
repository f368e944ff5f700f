"""Encrypt stored refresh tokens with Fernet and keys that can be rotated.

TOKEN_ENCRYPTION_KEYS lists the keys, newest first. The first key encrypts, and all keys decrypt.
Source: https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UndecryptableToken(Exception):
    """No key decrypts the token: its key was removed too early, or the row was changed."""

    code = "undecryptable_token"


def encrypt(token: str) -> str:
    return _fernet().encrypt(token.encode()).decode("ascii")


def with_newest_key(encrypted: str) -> str:
    """Return the same token, encrypted with the first key. Raises UndecryptableToken."""
    try:
        return _fernet().rotate(encrypted.encode()).decode("ascii")
    except InvalidToken:
        raise UndecryptableToken from None


def decrypt(encrypted: str, *, max_age_seconds: int | None = None) -> str:
    """Return the token. Raises UndecryptableToken, also if it is older than the maximum age."""
    try:
        return _fernet().decrypt(encrypted.encode(), ttl=max_age_seconds).decode()
    except InvalidToken:
        raise UndecryptableToken from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_ENCRYPTION_KEYS])
